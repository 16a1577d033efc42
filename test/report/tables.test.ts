import test from 'ava';
import { toCsv } from '../../sim/results/csv.js';
import { plainTable } from '../../sim/report/text/plain-table.js';
import { wrapped } from '../../sim/report/text/wrapped.js';
import { runTable } from '../../sim/report/text/run-table.js';
import type { ScenarioProfile } from '../../sim/scenario/scenario-setting.js';
import { energyBound } from '../../sim/run/energy-bound.js';
import { runScenario } from '../../sim/run/run-scenario.js';
import { scenarioSchema } from '../../sim/scenario/scenario-schema.js';
import { readStageProfile } from '../../src/profile/read-csv.js';

const SOURCE: ScenarioProfile = {
  askedBy: 's.yaml',
  profile: readStageProfile(
    `stage,instruction,frequency,time,energy
0,forward,1410,0.050,20
0,forward,1200,0.056,16
0,forward,1000,0.065,14
0,backward,1410,0.100,40
0,backward,1200,0.112,32
0,backward,1000,0.130,28
1,forward,1410,0.055,22
1,forward,1200,0.062,18
1,forward,1000,0.072,15
1,backward,1410,0.110,44
1,backward,1200,0.123,35
1,backward,1000,0.143,31
`,
    'p.csv',
  ),
  scale: 1,
  blockingPowerW: 80,
  title: 'made up',
};

async function tableOf(fields: object): Promise<string> {
  const scenario = scenarioSchema.parse({
    name: 'test',
    profile: { csv: 'p.csv', blockingPowerW: 80 },
    pipeline: { stages: 2, microbatches: 4 },
    ...fields,
  });
  return runTable(await runScenario(scenario, SOURCE, { findBound: energyBound }), {
    isExplained: true,
  });
}

test('tables are plain characters: one rule, names to the left, figures to the right', (t) => {
  t.is(
    plainTable(
      ['name', 'energy\nkJ'],
      [
        ['a', '1.00'],
        ['longer', '10.00'],
      ],
    ),
    ['name    energy', '            kJ', '──────────────', 'a         1.00', 'longer   10.00'].join(
      '\n',
    ),
  );
});

test('CSV is quoted where it must be, and what is not known is empty', (t) => {
  t.is(
    toCsv([
      { name: 'a, "b"', energy_j: 0.1 + 0.2, bound_j: null },
      { name: 'c', energy_j: 1e-7, bound_j: 2 },
    ]),
    'name,energy_j,bound_j\n"a, ""b""",0.30000000000000004,\nc,1e-7,2\n',
  );
});

test('every line of a report fits into 120 columns, however many stragglers there are', async (t) => {
  const stragglers = Array.from({ length: 12 }, (_, pipeline) => ({ pipeline, slowdown: 1.2 }));
  const table = await tableOf({ pipelines: 20, stragglers });
  for (const line of table.split('\n')) t.true(line.length <= 120, line);
  t.true(table.includes('pipeline 11 is 1.2× slower (busy)'));
});

test('energies are in the unit that suits them', async (t) => {
  t.regex(await tableOf({ pipelines: 10 }), /energy kJ/);
  t.regex(await tableOf({ pipelines: 10_000 }), /energy MJ/);
  t.regex(await tableOf({ pipelines: 1_000_000, tensorParallel: 8 }), /energy GJ/);
  t.regex(await tableOf({}), /energy J/);
});

test('a report says why there is no bound, and what planners leave out', async (t) => {
  const table = await tableOf({ clocks: { switchS: 0.01 } });
  t.regex(table, /^max-frequency .* —$/m);
  t.regex(table, /above bound: — because the bound covers only jobs/);
  t.regex(
    await tableOf({ timing: { iterationConstantS: 0.5 } }),
    /Plans know loading and transfers/,
  );
  t.notRegex(await tableOf({}), /Plans know loading and transfers/);
});

test('what is one is not many', async (t) => {
  t.regex(
    await tableOf({}),
    /^1F1B, 2 stages × 4 microbatches, tensor parallel 1, 1 pipeline: 2 GPUs$/m,
  );
});

test('without a better policy a report says so', async (t) => {
  t.regex(await tableOf({ policies: ['max-frequency'] }), /^No policy uses less energy/m);
});

test('a table wider than 80 columns is broken into tables that repeat the first column', (t) => {
  const head = [
    'policy',
    ...Array.from({ length: 12 }, (_, k) => (k % 2 ? '\nplan' : `figure ${k}\nsim`)),
  ];
  const rows = ['max-frequency', 'perseus'].map((name) => [
    name,
    ...Array.from({ length: 12 }, (_, k) => `${k}23456.789`),
  ]);
  const blocks = plainTable(head, rows).split('\n\n');
  t.true(blocks.length > 1);
  for (const block of blocks) {
    const lines = block.split('\n');
    t.true(lines.every((line) => line.length <= 80));
    t.true(lines[0]!.startsWith('policy') && lines[3]!.startsWith('max-frequency'));
    t.is((lines[0]!.match(/figure/g) ?? []).length * 2, lines[3]!.match(/23456/g)!.length, block);
  }
  const all = blocks.join('\n');
  for (let k = 0; k < 12; k++) t.is(all.split(` ${k}23456.789`).length - 1, 2, String(k));
});

test('names and words longer than a line are broken, and nothing is lost', (t) => {
  const name = `./${'planner'.repeat(20)}.js`;
  const table = plainTable(['policy', 'energy\nMJ'], [[name, '12.345']]);
  t.true(table.split('\n').every((line) => line.length <= 80));
  t.regex(table, /12\.345/);
  t.true(table.replaceAll(/\s|12\.345/g, '').includes(name));
  const lines = wrapped(`see ${'x'.repeat(200)} there`, '  ');
  t.true(lines.every((line) => line.length <= 80));
  t.is(lines.join('').replaceAll(' ', ''), `see${'x'.repeat(200)}there`);
});

test('GPUs wait as the closed form of 1F1B says: the bubble of their time', async (t) => {
  // Equal stages: each waits for one turn of the other of five; that is 20 % of the time.
  const table = await tableOf({});
  const [, waitPct] =
    /^GPUs at the highest clocks wait (\d+) % of the time for other stages$/m.exec(table)!;
  const [, bubblePct] = /bubble (\d+\.\d+) % of computing/.exec(table)!;
  const bubble = Number(bubblePct) / 100;
  t.true(
    Math.abs(Number(waitPct) - (100 * bubble) / (1 + bubble)) < 0.51,
    `${waitPct} ${bubblePct}`,
  );
});
