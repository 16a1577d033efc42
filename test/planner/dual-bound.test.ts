import test from 'ava';
import fc from 'fast-check';
import { pathTimes } from '../../src/pipeline/critical-path.js';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { DualBounds } from '../../src/planner/deadline/dual-bound.js';
import { loadOracle, type OracleProblem } from '../../src/planner/oracle.js';
import { checkProperty } from '../support/properties.js';
import { anyGpus, anyPart, anyProgram, question } from '../support/random-programs.js';

/** The part of a cost by which a linear program's optimum may be off. */
const SOLVER = 1e-9;

test('the optimum of the linear program, with lags, ties and level costs', async (t) => {
  const oracle = await loadOracle();
  let worst = 0;
  await checkProperty(
    t,
    fc.tuple(fc.oneof(anyProgram, anyGpus), anyPart),
    ([program, part]) => {
      const { deadline, rangeJ } = question(program, part);
      const { costJ } = oracle.optimum(program, deadline)!;
      const off =
        (new DualBounds(program).within(deadline)! - costJ) / (Math.abs(costJ) + rangeJ + 1);
      worst = Math.max(worst, Math.abs(off));
      if (!(Math.abs(off) < SOLVER)) throw new Error(`${off} of ${costJ} J off`);
    },
    120,
  );
  t.log(`within ${worst.toExponential(1)}`);
});

test('no schedule is shorter than the fastest', async (t) => {
  await checkProperty(
    t,
    anyProgram,
    (program) => {
      const { dag, costs, lags } = program;
      const fastest = Float64Array.from(dag.operation, (op) => costs[op]![0]!.duration);
      const { length } = pathTimes(dag, fastest, lags);
      if (new DualBounds(program).within(length * (1 - 1e-6) - 1e-9) !== undefined)
        throw new Error('found');
      if (new DualBounds(program).within(length) === undefined)
        throw new Error('the fastest is not found');
    },
    40,
  );
});

test('an answer does not depend on the deadlines before it', async (t) => {
  await checkProperty(
    t,
    fc.tuple(fc.oneof(anyProgram, anyGpus), fc.array(anyPart, { minLength: 2, maxLength: 5 })),
    ([program, parts]) => {
      const shared = new DualBounds(program);
      const exact = parts.map((part) => question(program, part).deadline);
      // As far apart as the time of a straggler and that time times its slowdown over its slowdown.
      const near = exact.map((deadline) => deadline * (1 + 2 * Number.EPSILON));
      for (const deadline of [...exact, ...near, ...exact]) {
        const found = shared.within(deadline);
        const alone = new DualBounds(program).within(deadline);
        if (found !== alone) throw new Error(`${found} J, not ${alone} J within ${deadline} s`);
      }
    },
    40,
  );
});

test('savings that differ by a millionth of a millionth take no longer to tell apart', async (t) => {
  const oracle = await loadOracle();
  const dag = oneFOneB(4, 8);
  for (const differ of [0, 1e-12, 1e-9, 1e-6]) {
    const costs = dag.operations.map((_, o) => {
      const perS = 100 * (1 + differ * o);
      return [
        { duration: 1, costJ: 2 * perS },
        { duration: 2, costJ: perS },
        { duration: 3, costJ: perS / 2 },
      ];
    });
    const program: OracleProblem = { dag, costs };
    const { deadline } = question(program, 0.4);
    const { costJ } = oracle.optimum(program, deadline)!;
    const leastJ = new DualBounds(program).within(deadline)!;
    t.true(Math.abs(leastJ - costJ) < SOLVER * costJ, `${differ}: ${leastJ} J, not ${costJ} J`);
  }
});
