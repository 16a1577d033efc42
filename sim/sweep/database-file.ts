import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { InputError } from '../../src/errors.js';

/** Bytes 8 to 11 of every DuckDB database. */
const MAGIC = 'DUCK';
const MAGIC_AT = 8;

/**
 * The path by which DuckDB opens a file, and nothing else: to DuckDB `:memory:`, `md:x` or `s3://x`
 * are not files, and a file called `x.csv` is a table to be read into memory, where results would be
 * lost silently.
 *
 * @throws InputError if the file exists and is not a database.
 */
export function databaseFile(path: string): string {
  if (isFile(path) && !isDatabase(path)) {
    const message = 'cannot be used as a file of results: it is not a valid DuckDB database file';
    throw InputError.of({ source: path, message });
  }
  return resolve(path);
}

/** A path that cannot be inspected (part of it is a file) is reported when it is opened. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function isDatabase(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(MAGIC.length);
    readSync(file, head, 0, MAGIC.length, MAGIC_AT);
    return head.toString('latin1') === MAGIC;
  } finally {
    closeSync(file);
  }
}
