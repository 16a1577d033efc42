import test from 'ava';
import { energyBound } from '../../sim/studies/energy-bound.js';
import { runScenario } from '../../sim/studies/run-scenario.js';
import { profileOf, scenarioOf } from '../support/made-up.js';

/** All that know lags. */
const POLICIES = ['max-frequency', 'perseus', 'perseus-hull', 'zeus-global', 'zeus-per-stage'];

/** Beyond 2^31 ticks, which 32 bits do not count; the longest that scenarios allow is 1e6 s. */
const CASES = [
  { timing: { transferS: 1e5 }, unitTimeS: 1e-3 },
  { timing: { transferS: 2.5e5 }, unitTimeS: 5e-5 },
  { timing: { transferS: 1e6 }, unitTimeS: 5e-5 },
  { timing: { loadingS: 4400 }, unitTimeS: 2e-6 },
  { timing: { loadingS: 1e6 }, unitTimeS: 1e-5 },
];

for (const { timing, unitTimeS } of CASES) {
  test(`planned as simulated, in ticks of ${unitTimeS} s: ${JSON.stringify(timing)}`, async (t) => {
    const pipeline = { stages: 2, microbatches: 4 };
    const scenario = scenarioOf({ pipeline, timing, unitTimeS, policies: POLICIES });
    const { policies } = await runScenario(scenario, profileOf([0.1, 0.13]), {
      findBound: energyBound,
    });
    for (const { policy, planned, simulatedTimeS, simulatedEnergyJ, boundJ } of policies) {
      // What is computed takes a second; rounding it to ticks moves that by less than a hundredth.
      t.true(Math.abs(planned!.timeS - simulatedTimeS) < 0.01, policy);
      t.true(Math.abs(planned!.energyJ / simulatedEnergyJ - 1) < 1e-5, policy);
      t.true(boundJ! <= simulatedEnergyJ * (1 + 1e-9), policy);
    }
  });
}
