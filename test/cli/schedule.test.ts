import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { runInProcess } from '../support/in-process.js';

/** Two stages of a measured profile: planned and simulated within milliseconds. */
const SCENARIO = [
  'name: small',
  'profile: {catalog: gpt3-175b-a100-sxm}',
  'pipeline: {stages: 8, microbatches: 8}',
  'pipelines: 2',
  'unitTimeS: 0.002',
  'policies: [max-frequency, perseus]',
];

const PRICES = [
  'time,price_eur_per_mwh',
  ...[90, 20, 60, 120].map((price, k) => `${3600 * k},${price}`),
];

/** Runs `schedule` in a folder with these files; returns all that it left there. */
async function scheduled(
  signals: readonly string[],
  files: Readonly<Record<string, readonly string[]>> = { 'prices.csv': PRICES },
  args: readonly string[] = [],
) {
  const folder = mkdtempSync(join(tmpdir(), 'pipewatt-schedule-'));
  try {
    const lines = [...SCENARIO, 'signals:', ...signals.map((line) => `  ${line}`)];
    for (const [name, text] of Object.entries({ ...files, 's.yaml': lines })) {
      writeFileSync(join(folder, name), `${text.join('\n')}\n`);
    }
    const placed = args.map((arg) => arg.replace('FOLDER', folder));
    const ended = await runInProcess(['schedule', join(folder, 's.yaml'), ...placed]);
    const names = readdirSync(folder, { recursive: true }).map(String);
    const textOf = (name: string) => readFileSync(join(folder, name), 'utf8');
    const left = new Map(
      names.filter((name) => /\.(csv|py)$/.test(name)).map((name) => [name, textOf(name)]),
    );
    return { ...ended, err: ended.err.replaceAll(`${folder}/`, ''), left };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const WORK = ['price: prices.csv', 'work: {iterations: 600}'];

interface Document {
  readonly iterations: number;
  readonly durationS: number;
  readonly strategies: readonly {
    readonly name: string;
    readonly money: number;
    readonly paidJ: number;
    readonly iterations: number;
  }[];
  readonly chosen: {
    readonly money: number;
    readonly paidJ: number;
    readonly endS: number;
    readonly plan: readonly {
      readonly until_s: number;
      readonly from_s: number;
      readonly iterations: number;
      readonly paid_power_w: number;
      readonly money: number;
      readonly price_per_mwh: number;
    }[];
  };
}

test('json: the plan does the work, and its hours add up to its bill', async (t) => {
  const { code, out } = await scheduled(WORK, undefined, ['--format', 'json']);
  t.is(code, 0);
  const { chosen, strategies, durationS } = JSON.parse(out) as Document;
  const sum = (of: (row: Document['chosen']['plan'][0]) => number) =>
    chosen.plan.reduce((total, row) => total + of(row), 0);
  t.true(Math.abs(sum(({ iterations }) => iterations) - 600) < 1e-6);
  t.true(Math.abs(sum(({ money }) => money) - chosen.money) < 1e-9 * chosen.money);
  t.is(
    sum(({ from_s: fromS, until_s: untilS }) => untilS - fromS),
    durationS,
  );
  t.is(durationS, 4 * 3600);
  const energyJ = sum((row) => row.paid_power_w * (row.until_s - row.from_s));
  t.true(Math.abs(energyJ - chosen.paidJ) < 1e-9 * energyJ);
  const all = strategies.map(({ money }) => money);
  t.is(Math.min(...all.filter((_, k) => strategies[k]!.name !== 'on-off')), chosen.money);
  // Cheap hours are faster hours.
  const byPrice = chosen.plan.toSorted((a, b) => a.price_per_mwh - b.price_per_mwh);
  t.true(byPrice[0]!.paid_power_w >= byPrice.at(-1)!.paid_power_w);
});

test('csv, clocks and power: the plan names files that are there, the power covers the time', async (t) => {
  const { code, out, left } = await scheduled(WORK, undefined, [
    ...['--format', 'csv', '--clocks', 'FOLDER/clocks', '--power', 'FOLDER/power.csv'],
  ]);
  t.is(code, 0);
  const [header, ...rows] = out.trim().split('\n');
  const at = header!.split(',').indexOf('clocks');
  const named = new Set(rows.map((row) => row.split(',')[at]!).filter((name) => name !== ''));
  t.true(named.size > 0);
  for (const name of named) t.regex(left.get(join('clocks', name))!, /^\[\n\[\('forward', \d+\)/);
  const power = left.get('power.csv')!.trim().split('\n');
  t.is(power[0], 't_s,power_W');
  t.true(power[1]!.startsWith('0,'));
  t.true(power.at(-1)!.startsWith('14400,'));
});

test('work that does not fit: how much does, with the line of the scenario', async (t) => {
  const { code, out, err } = await scheduled(['price: prices.csv', 'work: {iterations: 100000}']);
  t.is(code, 2);
  t.is(out, '');
  t.regex(
    err,
    /s\.yaml:9, signals\.work\.iterations: found 100000 iterations, but at most \d+ iterations \(\d+\.?\d* %\) can be done from 0:00 h to 4:00 h/,
  );
});

test('a limit below all that the job can draw: when, and what it draws', async (t) => {
  const caps = ['time,cap_w', '0,1e6', '3600,100', '7200,1e6'];
  const files = { 'prices.csv': PRICES, 'caps.csv': caps };
  const { code, err } = await scheduled([...WORK, 'cap: caps.csv'], files);
  t.is(code, 2);
  t.regex(
    err,
    /signals\.cap: allows 100 W from 1:00 h to 2:00 h, but the job draws at least \d+ W/,
  );
});

const REFUSED: readonly (readonly [name: string, signals: readonly string[], message: RegExp])[] = [
  [
    'no file',
    ['price: none.csv', 'work: {iterations: 1}'],
    /signals\.price: .*none\.csv.*no such file/,
  ],
  ['no end', ['work: {iterations: 1}', 'from: 0'], /signals\.until: is missing, expected the date/],
  [
    'two ends',
    [...WORK, 'until: 7200', 'hours: 2'],
    /signals\.hours: does not go with signals\.until/,
  ],
  [
    'an end before the beginning',
    [...WORK, 'from: 7200', 'until: 3600'],
    /signals\.until: comes before/,
  ],
  ['beyond the file', [...WORK, 'hours: 9'], /prices\.csv: has no value for 4:00 h to 9:00 h/],
  [
    'a date where files count seconds',
    [...WORK, 'until: soon'],
    /signals\.until: found "soon", expected seconds/,
  ],
  [
    'an unknown zone',
    [...WORK, 'zone: Middle/Earth'],
    /signals\.zone: found "Middle\/Earth", expected a zone/,
  ],
  [
    'tokens of an unknown job',
    ['price: prices.csv', 'work: {tokens: 1e9}', 'hours: 2'],
    /signals\.work\.tokens: needs to know/,
  ],
  [
    'carbon without a file',
    [...WORK, 'objective: carbon'],
    /signals\.objective: asks for the least carbon, but there is neither/,
  ],
  [
    'a request that is elsewhere',
    [...WORK, 'events: [{from: 90000, until: 93600, cutPct: 25}]'],
    /signals\.events\[0\]: is not within/,
  ],
  [
    'requests that overlap',
    [
      ...WORK,
      'events: [{from: 0, until: 3600, cutPct: 25}, {from: 1800, until: 5400, cutPct: 25}]',
    ],
    /signals\.events: overlap/,
  ],
  [
    'a section without work',
    ['price: prices.csv'],
    /signals\.work: found nothing, expected \{iterations: N\}, or \{tokens: N\}/,
  ],
];

for (const [name, signals, message] of REFUSED) {
  test(`refused: ${name}`, async (t) => {
    const { code, out, err } = await scheduled(signals);
    t.is(code, 2);
    t.is(out, '');
    t.regex(err, message);
  });
}

test('a gap within the time is refused with its line, or held', async (t) => {
  const files = { 'prices.csv': [...PRICES.slice(0, 2), '3600,', ...PRICES.slice(3)] };
  const refused = await scheduled(WORK, files);
  t.is(refused.code, 2);
  t.regex(
    refused.err,
    /prices\.csv:3: has no value for 1:00 h to 2:00 h; fill it in, or write signals\.gaps: hold/,
  );
  const held = await scheduled([...WORK, 'gaps: hold'], files, ['--format', 'json']);
  t.is(held.code, 0);
  const { chosen } = JSON.parse(held.out) as Document;
  t.deepEqual([...new Set(chosen.plan.map((row) => row.price_per_mwh))], [90, 60, 120]);
});
