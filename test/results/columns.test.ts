import { readFileSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { toCsv } from '../../sim/results/csv.js';
import type { Column } from '../../sim/results/column.js';
import { COLUMN_ENTRIES, COLUMN_NAMES } from '../../sim/results/columns.js';
import { POWER_COLUMN_ENTRIES } from '../../sim/results/power-columns.js';
import { runRows } from '../../sim/results/run-rows.js';
import { energyBound } from '../../sim/run/energy-bound.js';
import { runScenario } from '../../sim/run/run-scenario.js';
import { projectFile } from '../support/files.js';
import { profileOf, scenarioOf } from '../support/made-up.js';

const SOURCE = profileOf([0.1, 0.13]);
const PRICES = { perKWh: 0.25, currency: 'EUR', carbonGPerKWh: 400 };

async function rowsOf(fields: object) {
  const scenario = scenarioOf({ prices: PRICES, ...fields });
  return runRows(await runScenario(scenario, SOURCE, { findBound: energyBound }));
}

/** Ends of names, and the units that they say. */
const ENDINGS: readonly (readonly [RegExp, Column['unit']])[] = [
  [/^tokens_per_s$/, 'tokens/s'],
  [/^tokens_per_j$/, 'tokens/J'],
  [/^j_per_token$/, 'J/token'],
  [/^mwh_per_day$/, 'MWh/day'],
  [/^mwh_per_1e9_tokens$/, 'MWh/10⁹ tokens'],
  [/money_per_1e9_tokens$/, 'currency/10⁹ tokens'],
  [/_per_1e9_tokens_kg$/, 'kg/10⁹ tokens'],
  [/_gib$/, 'GiB'],
  [/_per_day_kg$/, 'kg/day'],
  [/_kg$/, 'kg'],
  [/money_per_day$/, 'currency/day'],
  [/_money$/, 'currency'],
  [/_s$/, 's'],
  [/_j$/, 'J'],
  [/_w$/, 'W'],
  [/_pct$/, '%'],
];

test('names of columns say their units', (t) => {
  for (const [name, { unit, type }] of COLUMN_ENTRIES) {
    const found = ENDINGS.find(([ending]) => ending.test(name))?.[1] ?? '';
    t.is(found, unit, name);
    if (type === 'text') t.is(unit, '', name);
  }
});

test('rows have every column in order, as CSV too', async (t) => {
  const rows = await rowsOf({});
  for (const row of rows) t.deepEqual(Object.keys(row), [...COLUMN_NAMES]);
  t.is(toCsv(rows).split('\n')[0], COLUMN_NAMES.join(','));
});

test('several seeds make of every column what its rule says', async (t) => {
  const random = { meanTimeBetweenS: 3, shortestS: 0.5, longestS: 2 };
  const jobs = [
    { pipelines: 2, jitter: {}, iterations: 3, randomStragglers: random },
    { pipelines: 2, stragglers: [{ pipeline: 0, slowdown: 1.2 }] },
  ];
  for (const fields of jobs) {
    const seeds = [5, 6, 7];
    const single = await Promise.all(seeds.map((seed) => rowsOf({ ...fields, seed })));
    const joined = await rowsOf({ ...fields, seed: 5, seeds: 3 });
    for (const [k, row] of joined.entries()) {
      for (const [name, { overSeeds }] of COLUMN_ENTRIES) {
        if (name === 'seed' || name === 'seeds') continue;
        const values = single.map((rows) => rows[k]![name]);
        const numbers = values.filter((value) => typeof value === 'number');
        const value = row[name];
        const what = `${row.policy ?? ''} ${name}`;
        if (overSeeds === 'same') {
          t.deepEqual(values, [value, value, value], what);
        } else if (overSeeds === 'mean' || overSeeds === 'mean with interval') {
          const mean = (numbers[0]! + numbers[1]! + numbers[2]!) / 3;
          t.true(Math.abs(Number(value) - mean) <= 1e-9 * Math.max(1, Math.abs(mean)), what);
        } else if (overSeeds !== 'from the means') {
          t.deepEqual(values, [null, null, null], what);
          const isLow = overSeeds === 'low end of the interval';
          const mean = Number(row[name.replace(/_(low|high)_/, '_') as typeof name]);
          t.true(isLow ? Number(value) <= mean : Number(value) >= mean, what);
        }
      }
      const { saved_money: money, simulated_energy_j: energyJ } = row;
      const savedJ = joined[0]!.simulated_energy_j! - energyJ!;
      const iterations = row.iterations!;
      const expected = (0.25 * savedJ) / 3.6e6 / iterations;
      t.true(Math.abs(money! - expected) <= 1e-9 * Math.abs(expected), 'money of the mean');
    }
  }
});

/** Rows as a table of Markdown, aligned as Prettier aligns it. */
function markdownTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, k) => Math.max(...rows.map((row) => row[k]!.length)));
  const lines = rows.map(
    (row) => `| ${row.map((cell, k) => cell.padEnd(widths[k]!)).join(' | ')} |`,
  );
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [lines[0]!, rule, ...lines.slice(1)].join('\n');
}

const TABLES = {
  columns: [
    ['column', 'unit', 'what', 'seeds'],
    ...COLUMN_ENTRIES.map(([name, { unit, type, doc, overSeeds }]) => [
      `\`${name}\``,
      type === 'text' ? 'text' : unit,
      doc,
      overSeeds,
    ]),
  ],
  'power columns': [
    ['column', 'unit', 'what'],
    ...POWER_COLUMN_ENTRIES.map(([name, { unit, doc }]) => [`\`${name}\``, unit, doc]),
  ],
};

/** To take over changed columns: UPDATE_GOLDEN=1 npx ava test/results, and read the difference. */
for (const [name, rows] of Object.entries(TABLES)) {
  test(`docs/columns.md lists all ${name}`, (t) => {
    const page = projectFile('docs/columns.md');
    const table = `\n${markdownTable(rows)}\n\n`;
    const block = new RegExp(`(?<=<!-- ${name} -->\\n)[^]*(?=<!-- /${name} -->)`);
    const text = readFileSync(page, 'utf8');
    t.regex(text, block);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(page, text.replace(block, () => table));
    t.is(block.exec(readFileSync(page, 'utf8'))?.[0], table);
  });
}
