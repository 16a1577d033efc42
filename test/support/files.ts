import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

/** The compiled tests live in dist/test/support; the project root is three folders up. */
const PROJECT_ROOT = new URL('../../../', import.meta.url);

/** Absolute path of a file of the project. */
export function projectFile(path: string): string {
  return fileURLToPath(new URL(path, PROJECT_ROOT));
}

/** Absolute path below the reference data that lies beside a checkout. */
export function sharedDataPath(path: string): string {
  return fileURLToPath(new URL(`../shared/data/${path}`, PROJECT_ROOT));
}

/** Text of a reference data file; `.gz` files are unpacked. */
export function readSharedData(path: string): string {
  const bytes = readFileSync(sharedDataPath(path));
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}
