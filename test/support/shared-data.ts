import { existsSync } from 'node:fs';
import anyTest, { type ExecutionContext } from 'ava';
import { sharedDataPath } from './files.js';

export { projectFile, readSharedData, sharedDataPath } from './files.js';

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
