import test from 'ava';
import { gridWatch, PowerWatch, type PoweredResult } from '../../../sim/power/figures/run-power.js';
import { gridSentences, powerColumns, powerNotes } from '../../../sim/report/text/power-table.js';
import { POWER_COLUMN_ENTRIES, poweredRows } from '../../../sim/results/power-columns.js';
import { COLUMN_NAMES } from '../../../sim/results/columns.js';
import { runScenario } from '../../../sim/run/run-scenario.js';
import { profileOf, scenarioOf } from '../../support/made-up.js';

const SOURCE = profileOf([0.1, 0.13]);
const GRID = { peakW: 1e6, rampUpWPerS: 100, bands: [{ fromHz: 0.1, toHz: 2, mostW: 1 }] };

async function resultOf(fields: object, everyS?: number): Promise<PoweredResult> {
  const watch = new PowerWatch(everyS);
  return runScenario(scenarioOf(fields), SOURCE, { watch });
}

for (const [name, fields] of [
  ['one iteration', {}],
  ['several iterations', { iterations: 7, tensorParallel: 4, pipelines: 3 }],
  [
    'a straggler that comes',
    { iterations: 5, pipelines: 2, stragglers: [{ pipeline: 0, slowdown: 1.3, fromS: 3 }] },
  ],
  ['jitter', { iterations: 4, pipelines: 2, jitter: {}, seed: 3 }],
] as const) {
  test(`energy and mean power over time are those of the ledger: ${name}`, async (t) => {
    const { power, policies } = await resultOf(fields);
    t.deepEqual(
      power?.map(({ policy }) => policy),
      policies.map(({ policy }) => policy),
    );
    for (const [k, { figures }] of power!.entries()) {
      const { simulatedEnergyJ, simulatedTimeS } = policies[k]!;
      t.true(Math.abs(figures.energyJ / simulatedEnergyJ - 1) < 1e-9);
      t.true(Math.abs(figures.durationS / simulatedTimeS - 1) < 1e-9);
      t.true(figures.leastW <= figures.meanW && figures.meanW <= figures.peakW);
      t.true(figures.swingW <= figures.peakW - figures.leastW);
    }
  });
}

test('equal iterations have their lines at multiples of 1/T', async (t) => {
  const { power } = await resultOf({ iterations: 16 }, 0.001);
  for (const { figures } of power!) {
    const { amplitudeW, stepHz } = figures.spectrum;
    const of = (k: number) => k % 16 === 0;
    // Up to 20 Hz, which is far below the highest frequency.
    const known = [...amplitudeW.keys()].filter((k) => k > 0 && k * stepHz < 20);
    const power = (keys: number[]) => keys.reduce((sum, k) => sum + amplitudeW[k]! ** 2, 0);
    t.true(power(known.filter((k) => !of(k))) < 1e-4 * power(known.filter(of)));
    t.true(power(known.filter(of)) > 0);
  }
});

test('the shortest instruction determines what can be believed', async (t) => {
  const { power } = await resultOf({ policies: ['max-frequency'] }, 0.001);
  // Stage 0: 0.1 s at the highest clock.
  t.true(Math.abs(power![0]!.figures.spectrum.reliableToHz - 5) < 1e-6);
});

test('long runs are watched in intervals that fit into memory', async (t) => {
  const { power } = await resultOf({ iterations: 100, policies: ['max-frequency'] }, 1e-5);
  const { everyS, durationS } = power![0]!.figures;
  t.true(durationS / everyS <= 2 ** 20 + 1);
  t.true(everyS > 1e-5);
});

test('only a scenario with limits is watched by itself', async (t) => {
  t.is(gridWatch(scenarioOf({})), undefined);
  const plain: PoweredResult = await runScenario(scenarioOf({}), SOURCE);
  t.false('power' in plain);
  t.deepEqual(powerColumns(plain), []);
  t.deepEqual(gridSentences(plain), []);
  t.deepEqual(powerNotes(plain), []);
  for (const row of poweredRows(plain)) t.deepEqual(Object.keys(row), [...COLUMN_NAMES]);
});

test('rows, tables and sentences have the figures of every policy', async (t) => {
  const scenario = scenarioOf({ grid: GRID });
  const result: PoweredResult = await runScenario(scenario, SOURCE, { watch: gridWatch(scenario) });
  const names = POWER_COLUMN_ENTRIES.map(([name]) => name);
  for (const [k, row] of poweredRows(result).entries()) {
    t.deepEqual(Object.keys(row), [...COLUMN_NAMES, ...names]);
    const { figures, grid } = result.power![k]!;
    t.is(row['power_peak_w'], figures.peakW);
    t.is(row['ramp_up_1s_w_per_s'], figures.rampsWPerS[1].up.wPerS);
    t.is(row['grid_limits_broken'], 2);
    t.deepEqual(
      grid!.checks.map(({ isKept }) => isKept),
      [true, false, false],
    );
  }
  const columns = powerColumns(result);
  t.true(columns.every(({ cells }) => cells.length === result.policies.length));
  t.deepEqual(columns[0]!.cells, ['max-frequency', 'perseus']);
  const [sentence] = gridSentences(result);
  t.regex(
    sentence!,
    /^grid: max-frequency breaks 2 of 3 limits: ramp up \d+\.\d W\/s over 1 s, from /,
  );
});

test('without a second seed or with it, figures are those of the first', async (t) => {
  const fields = { jitter: {}, pipelines: 2, iterations: 2, seed: 4 };
  const one = await resultOf(fields);
  const two = await resultOf({ ...fields, seeds: 2 });
  t.deepEqual(two.power, one.power);
  t.true(powerNotes(two)[0]!.includes('first seed'));
});
