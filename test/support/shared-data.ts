import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import anyTest, { type ExecutionContext } from 'ava';

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

const available = existsSync(sharedDataPath('README.md'));

/**
 * A test that needs the reference data. On a machine that has only the clone it says by name that
 * it was left out; in CI nothing may be left out, so there it fails.
 */
export function testWithSharedData(
  title: string,
  body: (t: ExecutionContext) => void | Promise<void>,
): void {
  anyTest(title, async (t) => {
    if (available) {
      await body(t);
      return;
    }
    t.log(`left out: "${title}" needs ../shared/data beside the checkout`);
    t.is(process.env['CI'], undefined, 'in CI the reference data must be there');
  });
}
