import { readFileSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { EXIT, runProgram } from '../../sim/cli/program.js';
import { COLUMN_NAMES } from '../../sim/results/columns.js';
import { projectFile } from '../support/shared-data.js';

/** To take over a changed table: UPDATE_GOLDEN=1 npx ava test/cli, and read the difference. */
const GOLDEN = projectFile('test/golden/quick-start.txt');
const EXPLAINED = projectFile('test/golden/quick-start-explained.txt');
const README = projectFile('README.md');

async function runQuickStart(...options: string[]): Promise<string> {
  let out = '';
  let err = '';
  const code = await runProgram(['run', projectFile('scenarios/quick-start.yaml'), ...options], {
    out: (text) => (out += text),
    err: (text) => (err += text),
    isWatched: false,
  });
  if (code !== EXIT.ok || err !== '') throw new Error(`exit ${code}: ${err}`);
  return out;
}

test.serial(
  'the table of quick-start is the committed one, and the one in the README',
  async (t) => {
    const table = await runQuickStart();
    if (process.env['UPDATE_GOLDEN'] === '1') {
      writeFileSync(GOLDEN, table);
      const readme = readFileSync(README, 'utf8');
      writeFileSync(
        README,
        readme.replace(/```text\n[^`]*\nquick-start:[^`]*```/, `\`\`\`text\n${table}\`\`\``),
      );
    }
    t.is(table, readFileSync(GOLDEN, 'utf8'));
    t.true(readFileSync(README, 'utf8').includes(table), 'README.md shows another table');
    t.true(
      table.split('\n').every((line) => line.length <= 80),
      'at most 80 columns',
    );
  },
);

test.serial('the explained table begins with the same lines, and has all columns', async (t) => {
  const table = await runQuickStart('--explain');
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(EXPLAINED, table);
  t.is(table, readFileSync(EXPLAINED, 'utf8'));
  const [brief] = readFileSync(GOLDEN, 'utf8').split('--explain') as [string];
  t.true(table.startsWith(brief));
  t.regex(table, /^perseus +13\.37 +14\.25 +970\.2 +0\.99$/m);
  t.regex(table, /^ {2}plan: what the cost model promises\./m);
});

test.serial('the same scenario gives the same bytes, as JSON too', async (t) => {
  const first = await runQuickStart('--format', 'json');
  t.is(await runQuickStart('--format', 'json'), first);
  const { policies, ledgers, scenario } = JSON.parse(first) as {
    policies: { simulated_energy_j: number }[];
    ledgers: { totalJ: number; totalComputeJ: number }[];
    scenario: { seed: number };
  };
  t.is(scenario.seed, 1, 'defaults are filled in');
  t.deepEqual(
    policies.map((row) => row.simulated_energy_j),
    ledgers.map((ledger) => ledger.totalJ),
  );
});

test.serial('the CSV has a row per policy and units in the names of its columns', async (t) => {
  const [header, ...rows] = (await runQuickStart('--format', 'csv')).trimEnd().split('\n');
  t.is(header, COLUMN_NAMES.join(','));
  t.deepEqual(
    rows.map((row) => row.split(',').slice(0, 6).join(',')),
    ['max-frequency', 'zeus-global', 'perseus'].map((policy) => `quick-start,${policy},1,1,1,4096`),
  );
});
