import { spawnSync } from 'node:child_process';
import anyTest, { type ExecutionContext } from 'ava';

/** Python with modules; undefined if there is none. Debian's own has what `apt` installed. */
function pythonWith(...modules: readonly string[]): string | undefined {
  const script = modules.map((name) => `import ${name}`).join('\n');
  return ['python3', '/usr/bin/python3'].find(
    (python) => spawnSync(python, ['-c', script]).status === 0,
  );
}

/**
 * Makes tests that need Python with modules. On a machine without them a test says by name that it was
 * left out; in CI nothing may be left out, so there it fails.
 */
function testNeeding(needs: string, python: string | undefined) {
  return (title: string, body: (t: ExecutionContext, python: string) => Promise<void> | void) => {
    anyTest(title, async (t) => {
      if (python !== undefined) {
        await body(t, python);
        return;
      }
      t.log(`left out: "${title}" needs ${needs}`);
      t.is(process.env['CI'], undefined, `in CI ${needs} must be there`);
    });
  };
}

/** A test that needs Python. */
export const testWithPython = testNeeding('python3', pythonWith());

/** A test that needs pandas. */
export const testWithPandas = testNeeding('python3-pandas', pythonWith('pandas'));

/** A test that executes notebooks. */
export const testWithNotebooks = testNeeding(
  'python3-pandas, python3-nbconvert and python3-ipykernel',
  pythonWith('pandas', 'nbconvert', 'ipykernel'),
);
