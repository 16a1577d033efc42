import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { runCommand } from '../../sim/cli/run-command.js';
import type { Call } from '../../sim/cli/declare.js';
import { run } from '../../sim/cli/run-options.js';
import { PlanCache } from '../../sim/run/plan-cache.js';
import { captured } from '../support/in-process.js';
import { projectFile } from '../support/shared-data.js';

/**
 * Every scenario in scenarios/what-if has its table in test/golden/what-if. To take over changed
 * tables: UPDATE_GOLDEN=1 npx ava --config ava.long.config.js test/cli/what-if.long.test.ts, and read
 * the difference.
 */
const SCENARIOS = 'scenarios/what-if';
const AS_GIVEN = {
  ...{ format: 'table', timeLimit: '600', upload: 'profile' },
  ...{ per: 'job', like: 'pipewatt', explain: true },
};

/** Most of them ask about the same job: what is planned for one serves the others, as in a sweep. */
const cache = new PlanCache();

for (const file of readdirSync(projectFile(SCENARIOS))) {
  test(`${file}: the table is the committed one`, async (t) => {
    const args = [[projectFile(`${SCENARIOS}/${file}`)]] as unknown as Call<typeof run>['args'];
    const { out, err } = await captured((terminal) =>
      runCommand({ declared: run, args, given: AS_GIVEN, terminal }, cache),
    );
    t.is(err, '');
    const golden = projectFile(`test/golden/what-if/${file.replace(/yaml$/, 'txt')}`);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, out);
    t.is(out, readFileSync(golden, 'utf8'));
    t.true(
      out.split('\n').every((line) => Array.from(line).length <= 80),
      'at most 80 columns',
    );
  });
}
