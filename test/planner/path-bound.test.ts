import test from 'ava';
import fc from 'fast-check';
import { loadOracle, type OracleProblem } from '../../src/planner/oracle.js';
import { pathBound } from '../../src/planner/path-bound/path-bound.js';
import { checkProperty } from '../support/properties.js';
import { anyGpus, anyPart, anyProgram, question } from '../support/random-programs.js';

const EFFORTS = [0, 1e2, 1e3, 1e4, 1e5];

test('never above the optimum, whatever the effort, and rising with it', async (t) => {
  const oracle = await loadOracle();
  await checkProperty(
    t,
    fc.tuple(anyProgram, anyPart),
    ([program, part]) => {
      const { deadline, rangeJ } = question(program, part);
      const { costJ } = oracle.optimum(program, deadline)!;
      const bounds = EFFORTS.map((effort) => pathBound(program, deadline, effort).leastJ);
      bounds.forEach((leastJ, k) => {
        if (!(leastJ <= costJ + 1e-6 * (1 + rangeJ))) {
          throw new Error(`${leastJ} J, but ${costJ} J is possible`);
        }
        if (k > 0 && leastJ < bounds[k - 1]!) throw new Error(`falls: ${bounds.join(' ')}`);
      });
    },
    100,
  );
});

test('close to the optimum with costs as GPUs have them', async (t) => {
  const oracle = await loadOracle();
  let worst = 0;
  const holds = ([program, part]: [OracleProblem, number]) => {
    const { deadline, rangeJ } = question(program, part);
    const { costJ } = oracle.optimum(program, deadline)!;
    const below = (costJ - pathBound(program, deadline, 3e6).leastJ) / rangeJ;
    worst = Math.max(worst, below);
    if (!(Math.abs(below) < 2e-3)) throw new Error(`${below} of all savings off`);
  };
  await checkProperty(t, fc.tuple(anyGpus, anyPart), holds, 12);
  t.log(`at most ${worst.toExponential(1)} of all savings below the optimum`);
});

test('no lower than the least cost in the time more that it names', async (t) => {
  const oracle = await loadOracle();
  const anyEffort = fc.constantFrom(...EFFORTS);
  const holds = ([program, part, effort]: [OracleProblem, number, number]) => {
    const { deadline, rangeJ } = question(program, part);
    const { leastJ, extraTime } = pathBound(program, deadline, effort);
    const later = oracle.optimum(program, deadline * (1 + extraTime) * (1 + 1e-9))!;
    if (leastJ < later.costJ - 0.006 * rangeJ - 1e-6) {
      throw new Error(`${leastJ} J, but at least ${later.costJ} J with ${extraTime} more time`);
    }
  };
  await checkProperty(t, fc.tuple(fc.oneof(anyProgram, anyGpus), anyPart, anyEffort), holds, 60);
});
