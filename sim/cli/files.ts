import { readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../src/errors.js';
import { nearestName } from '../../src/nearest-name.js';
import { parseCatalogEntry, type CatalogEntry } from '../hardware/catalog.js';

/** The catalog that comes with the program; this file runs as dist/sim/cli/files.js. */
const CATALOG = new URL('../../../scenarios/catalog/', import.meta.url);

/**
 * Text of a file that the user named.
 * @throws InputError when it cannot be read.
 */
export function readUserFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw InputError.of({ source: path, message: `cannot be read: ${reason(error)}` });
  }
}

/**
 * Writes a file whole or not at all: to a temporary name beside it, then renamed.
 * @throws InputError when it cannot be written.
 */
export function writeUserFile(path: string, text: string): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw InputError.of({ source: path, message: `cannot be written: ${reason(error)}` });
  }
}

/** Names of the catalog's entries. */
export function catalogNames(): string[] {
  return readdirSync(CATALOG)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort();
}

/**
 * An entry of the catalog.
 * @throws InputError when there is none of that name.
 */
export function readCatalogEntry(name: string, askedBy: string): CatalogEntry {
  const names = catalogNames();
  if (!names.includes(name)) {
    const near = nearestName(name, names);
    const hint = near === undefined ? '' : `; did you mean "${near}"?`;
    throw InputError.of({
      source: askedBy,
      field: 'profile.catalog',
      message: `found "${name}", expected one of ${names.join(', ')}${hint}`,
    });
  }
  return parseCatalogEntry(readFileSync(fileURLToPath(new URL(`${name}.yaml`, CATALOG)), 'utf8'));
}

/** The system's error codes in words. */
function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  switch (code) {
    case 'ENOENT':
      return 'there is no such file or folder';
    case 'EISDIR':
      return 'it is a folder, expected a file';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'permission denied';
    case 'ENOTDIR':
      return 'part of its path is not a folder';
    default:
      return (error as Error).message;
  }
}
