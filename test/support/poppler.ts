import { spawnSync } from 'node:child_process';
import anyTest, { type ExecutionContext } from 'ava';

const available = spawnSync('pdffonts', ['-v']).status === 0;

/**
 * A test that needs Poppler's programs. On a machine without them it says by name that it was left
 * out; in CI nothing may be left out, so there it fails.
 */
export function testWithPoppler(
  title: string,
  body: (t: ExecutionContext) => Promise<void> | void,
): void {
  anyTest(title, async (t) => {
    if (available) {
      await body(t);
      return;
    }
    t.log(`left out: "${title}" needs pdffonts and pdftotext (Debian's poppler-utils)`);
    t.is(process.env['CI'], undefined, 'in CI poppler-utils must be there');
  });
}

/** The output of one of Poppler's programs. */
export function poppler(program: 'pdffonts' | 'pdftotext' | 'pdfinfo', args: readonly string[]) {
  return spawnSync(program, args, { encoding: 'utf8' }).stdout;
}
