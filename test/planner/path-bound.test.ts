import test from 'ava';
import fc from 'fast-check';
import { pathTimes, type Lags } from '../../src/pipeline/critical-path.js';
import { exampleShape, scheduleDag, SCHEDULE_NAMES } from '../../src/pipeline/schedules.js';
import { loadOracle, type CostVertices, type OracleProblem } from '../../src/planner/oracle.js';
import { pathBound } from '../../src/planner/path-bound/path-bound.js';
import { checkProperty } from '../support/properties.js';
import { anyProblem } from '../support/random-problems.js';

const EFFORTS = [0, 1e2, 1e3, 1e4, 1e5];

const anyLags = fc.array(fc.double({ min: 0, max: 3, noNaN: true }), {
  minLength: 1,
  maxLength: 8,
});
/** The fraction of the way from the fastest to the slowest time. */
const anyPart = fc.double({ min: 0, max: 1.1, noNaN: true });

function withLags(dag: OracleProblem['dag'], costs: CostVertices[], lag: readonly number[]) {
  const lagOf = (_: unknown, i: number) => lag[i % lag.length]!;
  const ownStage = Float64Array.from({ length: dag.instructionCount }, lagOf);
  const lags: Lags = { ownStage, otherStage: ownStage.map((of) => 2 * of) };
  return { dag, costs, lags };
}

/** Any graph, with costs that tie, stay level or have one duration alone. */
const anyProgram = fc.tuple(anyProblem, anyLags).map(([{ dag, operations }, lag]) =>
  withLags(
    dag,
    operations.map(({ costJ, minTicks }) =>
      Array.from(costJ, (cost, k) => ({ duration: minTicks + k, costJ: cost })),
    ),
    lag,
  ),
);

/** Pipelines with costs as GPUs have them: some twenty clocks, each saving less than the one before. */
const anyGpus = fc
  .tuple(
    fc.constantFrom(...SCHEDULE_NAMES),
    fc.array(fc.double({ min: 1, max: 1.5, noNaN: true }), { minLength: 20, maxLength: 20 }),
    anyLags,
  )
  .map(([schedule, works, lag]) => {
    const shape = exampleShape(schedule, { stages: 3, microbatches: 6, chunks: 2 });
    const dag = scheduleDag(schedule, shape);
    const costs = dag.operations.map((_, o) =>
      Array.from({ length: 20 }, (__, k) => {
        const duration = works[o % works.length]! * (1 + 0.03 * k);
        return { duration, costJ: 100 * works[o % works.length]! * Math.exp(-0.12 * k) };
      }),
    );
    return withLags(dag, costs, lag);
  });

function question(program: OracleProblem, part: number) {
  const { dag, costs, lags } = program;
  const lengthAt = (end: 0 | -1) =>
    pathTimes(
      dag,
      Float64Array.from(dag.operation, (op) => costs[op]!.at(end)!.duration),
      lags,
    ).length;
  const [fastest, slowest] = [lengthAt(0), lengthAt(-1)];
  const rangeJ = dag.operation.reduce(
    (sum, op) => sum + costs[op]![0]!.costJ - costs[op]!.at(-1)!.costJ,
    0,
  );
  return { deadline: (fastest + part * (slowest - fastest)) * (1 + 1e-9), rangeJ };
}

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
