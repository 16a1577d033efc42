import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { siteCommand } from '../../sim/cli/site-command.js';
import { site } from '../../sim/cli/site-options.js';
import { captured } from '../support/in-process.js';
import { projectFile } from '../support/shared-data.js';

/**
 * Every shipped site has its table in test/golden/site. To take over changed tables: UPDATE_GOLDEN=1 npx
 * ava --config ava.long.config.js test/cli/site.long.test.ts, and read the difference.
 */
const SITES = [
  ...readdirSync(projectFile('scenarios/sites')).map((name) => `sites/${name}`),
  'what-if/site-megawatts.yaml',
  'what-if/site-gb200.yaml',
];

for (const file of SITES) {
  test(`${file}: the table is the committed one`, async (t) => {
    const args = [projectFile(`scenarios/${file}`)] as const;
    const { out } = await captured((terminal) =>
      siteCommand({ declared: site, args, given: { format: 'table' }, terminal }),
    );
    const name = file.replace(/^.*\//, '').replace(/yaml$/, 'txt');
    const golden = projectFile(`test/golden/site/${name}`);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, out);
    t.is(out, readFileSync(golden, 'utf8'));
    t.true(
      out.split('\n').every((line) => line.length <= 120),
      'at most 120 columns',
    );
  });
}
