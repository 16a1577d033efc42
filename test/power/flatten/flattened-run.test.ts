import test from 'ava';
import fc from 'fast-check';
import { InputError } from '../../../src/errors.js';
import { most } from '../../../src/extremes.js';
import { totalOfAccountsJ } from '../../../sim/power/flatten/flattening-accounts.js';
import { energyOfSeriesJ } from '../../../sim/power/power-series.js';
import { checkScenario } from '../../../sim/scenario/scenario.js';
import type { Scenario } from '../../../sim/scenario/scenario-schema.js';
import { flattenedRuns } from '../../support/flattened-runs.js';
import { profileOf, scenarioOf } from '../../support/made-up.js';
import { closeTo } from '../../support/power-steps.js';
import { checkProperty } from '../../support/properties.js';

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const anyFields = fc.record(
  {
    pipelines: fc.integer({ min: 2, max: 4 }),
    tensorParallel: fc.constantFrom(1, 4),
    iterations: fc.integer({ min: 1, max: 4 }),
    jitter: fc.constant({}),
    stragglers: fc.constantFrom(
      [{ pipeline: 1, slowdown: 1.3 }],
      [{ pipeline: 0, slowdown: 1.5, fromS: 1, untilS: 3 }],
      [{ pipeline: 0, slowdown: 1.4, cause: 'stall', stage: 0 }],
    ),
    clocks: fc.constant({ switchS: 0.01 }),
    power: fc.constantFrom(
      { blockingW: 60, blockingAtHighestClockW: 90 },
      { synchronisationW: 130 },
      {},
    ),
    timing: fc.constantFrom(
      { synchronisationS: 0.2 },
      { loadingS: 0.01, transferS: 0.02, synchronisationS: 0.1, iterationConstantS: 0.05 },
    ),
  },
  { requiredKeys: ['pipelines', 'timing'] },
);

const stagger = fc.record({ groups: fc.constant(2), byS: number(0, 0.3) });
const storage = fc.record({
  capacityKWh: number(1e-4, 0.05),
  powerKW: number(0.05, 5),
  roundTripEfficiency: number(0.6, 1),
  startPct: number(0, 100),
});
const ballast = fc.record({ levelPct: number(10, 100), delayS: number(0, 0.1) });
const smoothing = fc
  .record({
    floorPct: number(10, 100),
    rampUpWPerS: maybe(number(50, 5000)),
    rampDownWPerS: maybe(number(50, 5000)),
    rampDownHysteresisMs: maybe(number(0, 500)),
  })
  .map((fields) => JSON.parse(JSON.stringify(fields)) as object);

const burning = fc.record({ stagger, storage, ballast, smoothing }, { requiredKeys: [] });
const capping = fc.record(
  {
    stagger,
    storage,
    cap: fc.record({
      powerW: number(500, 5000),
      by: fc.constantFrom('instant', 'one-clock', 'plan'),
    }),
  },
  { requiredKeys: ['cap'] },
);

/** A scenario; undefined if its parts do not go together. */
function scenarioWith(fields: object): Scenario | undefined {
  const checked = checkScenario(scenarioOf(fields));
  return Array.isArray(checked) ? undefined : (checked as Scenario);
}

test('after = before + accounts for random scenarios; time is what controls lost', async (t) => {
  let runs = 0;
  await checkProperty(
    t,
    fc.tuple(anyFields, fc.oneof(burning, capping)),
    async ([fields, controls]) => {
      const flatten = { ...controls, everyS: 0.01 };
      const scenario = scenarioWith({ ...fields, flatten });
      if (scenario === undefined) return;
      const found = await flattenedRuns(scenario, profileOf([0.1, 0.13])).catch(
        (error: unknown) => {
          if (error instanceof InputError) return [];
          throw error;
        },
      );
      for (const { run, ledger, timeS } of found) {
        runs++;
        const { before, after, energiesJ, lost } = run;
        closeTo(energyOfSeriesJ(before), ledger.totalJ, 1e-9);
        closeTo(before.durationS, timeS, 1e-9);
        const expectedJ = energyOfSeriesJ(before) + totalOfAccountsJ(energiesJ);
        closeTo(energyOfSeriesJ(after), expectedJ, 1e-9);
        const lostS = lost.staggerS + lost.capS + lost.smoothingS;
        closeTo(after.durationS, before.durationS + lostS, 1e-9);
        if (lostS < -1e-9 * timeS) throw new Error(`${lostS} s are gained`);
        const capW = scenario.flatten?.cap?.powerW;
        if (capW === undefined || scenario.flatten?.storage !== undefined) continue;
        if (most(after.powerW) > capW) throw new Error(`${most(after.powerW)} W, cap ${capW} W`);
      }
    },
    40,
  );
  t.true(runs > 40, `${runs}`);
});
