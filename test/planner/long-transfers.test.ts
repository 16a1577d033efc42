import test from 'ava';
import { pathTimes } from '../../src/pipeline/critical-path.js';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { maxFrequency } from '../../src/planner/max-frequency.js';
import { perseusHull } from '../../src/planner/perseus-hull/perseus-hull.js';
import { perseus } from '../../src/planner/perseus/perseus.js';
import { planningProblem } from '../../src/planner/planning-problem.js';
import { zeusGlobal } from '../../src/planner/zeus-global.js';
import { profileOf } from '../support/made-up.js';

/** Beyond 2^31 ticks, which 32 bits do not count: transfers, loading, and both. */
const CASES = [
  { loadingS: 0, transferS: 1e6, unitTimeS: 1e-3 },
  { loadingS: 0, transferS: 2.5e5, unitTimeS: 5e-5 },
  { loadingS: 22000, transferS: 0, unitTimeS: 1e-5 },
  { loadingS: 1e6, transferS: 3e5, unitTimeS: 1e-4 },
];

for (const { loadingS, transferS, unitTimeS } of CASES) {
  const named = `ticks of ${unitTimeS} s, loading ${loadingS} s, transfers ${transferS} s`;
  test(`planned as the clocks really take: ${named}`, (t) => {
    const { profile, blockingPowerW } = profileOf([0.1, 0.13]);
    const dag = oneFOneB(2, 4);
    const ownStage = new Float64Array(dag.instructionCount).fill(loadingS);
    const lagS = { ownStage, otherStage: ownStage.map((of) => of + transferS) };
    const settings = { unitTimeS, blockingPowerW, gpusPerStage: 1, lagS };
    const problem = planningProblem(dag, profile, settings);
    for (const planner of [maxFrequency, perseus, perseusHull, zeusGlobal]) {
      const { frequencyMHz, plannedTimeS } = planner.plan(problem).fastest;
      const timeS = Array.from(frequencyMHz, (clock, i) => {
        const { allOptions } = problem.operations[dag.operation[i]!]!;
        return allOptions.find((option) => option.frequencyMHz === clock)!.timeS;
      });
      const { length } = pathTimes(dag, timeS, lagS);
      // All rounding together: a tick for each of at most twenty instructions on a path.
      t.true(
        Math.abs(plannedTimeS - length) <= 20 * unitTimeS,
        `${planner.name}: ${plannedTimeS} s`,
      );
    }
  });
}
