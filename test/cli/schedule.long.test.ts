import { readFileSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { runInProcess } from '../support/in-process.js';
import { projectFile } from '../support/files.js';

/** UPDATE_GOLDEN=1 takes over changed tables. */
for (const name of ['schedule-by-price', 'demand-response']) {
  test(`${name}: the table is the committed one, of at most 80 columns`, async (t) => {
    const { code, out } = await runInProcess([
      'schedule',
      projectFile(`scenarios/what-if/${name}.yaml`),
    ]);
    t.is(code, 0);
    const golden = projectFile(`test/golden/schedules/${name}.txt`);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, out);
    t.is(out, readFileSync(golden, 'utf8'));
    t.true(out.split('\n').every((line) => line.length <= 80));
  });
}
