import test from 'ava';
import { toCsv } from '../../sim/results/csv.js';
import { plainTable } from '../../sim/report/text/plain-table.js';
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
