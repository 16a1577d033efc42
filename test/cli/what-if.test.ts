import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { EXIT, runProgram } from '../../sim/cli/program.js';
import { projectFile } from '../support/shared-data.js';

/**
 * Every scenario in scenarios/what-if has its table in test/golden/what-if. To take over changed
 * tables: UPDATE_GOLDEN=1 npx ava test/cli/what-if.test.ts, and read the difference.
 */
const SCENARIOS = 'scenarios/what-if';

for (const file of readdirSync(projectFile(SCENARIOS))) {
  test(`${file}: the table is the committed one`, async (t) => {
    let out = '';
    let err = '';
    const code = await runProgram(['run', projectFile(`${SCENARIOS}/${file}`)], {
      out: (text) => (out += text),
      err: (text) => (err += text),
      isWatched: false,
    });
    t.deepEqual([code, err], [EXIT.ok, '']);
    const golden = projectFile(`test/golden/what-if/${file.replace(/yaml$/, 'txt')}`);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, out);
    t.is(out, readFileSync(golden, 'utf8'));
    t.true(
      out.split('\n').every((line) => line.length <= 120),
      'at most 120 columns',
    );
  });
}
