import { spawnSync } from 'node:child_process';
import anyTest, { type ExecutionContext } from 'ava';

const available = spawnSync('python3', ['--version']).status === 0;

/**
 * A test that needs Python. On a machine without python3 it says by name that it was left out; in
 * CI nothing may be left out, so there it fails.
 */
export function testWithPython(
  title: string,
  body: (t: ExecutionContext) => Promise<void> | void,
): void {
  anyTest(title, async (t) => {
    if (available) {
      await body(t);
      return;
    }
    t.log(`left out: "${title}" needs python3`);
    t.is(process.env['CI'], undefined, 'in CI python3 must be there');
  });
}
