import fc from 'fast-check';
import { pathTimes, type Lags } from '../../src/pipeline/critical-path.js';
import { exampleShape, scheduleDag, SCHEDULE_NAMES } from '../../src/pipeline/schedules.js';
import type { CostVertices, OracleProblem } from '../../src/planner/oracle.js';
import { anyProblem } from './random-problems.js';

const anyLags = fc.array(fc.double({ min: 0, max: 3, noNaN: true }), {
  minLength: 1,
  maxLength: 8,
});
/** The fraction of the way from the fastest to the slowest time. */
export const anyPart = fc.double({ min: 0, max: 1.1, noNaN: true });

function withLags(dag: OracleProblem['dag'], costs: CostVertices[], lag: readonly number[]) {
  const lagOf = (_: unknown, i: number) => lag[i % lag.length]!;
  const ownStage = Float64Array.from({ length: dag.instructionCount }, lagOf);
  const lags: Lags = { ownStage, otherStage: ownStage.map((of) => 2 * of) };
  return { dag, costs, lags };
}

/** Any graph, with costs that tie, stay level or have one duration alone. */
export const anyProgram = fc.tuple(anyProblem, anyLags).map(([{ dag, operations }, lag]) =>
  withLags(
    dag,
    operations.map(({ costJ, minTicks }) =>
      Array.from(costJ, (cost, k) => ({ duration: minTicks + k, costJ: cost })),
    ),
    lag,
  ),
);

/** Pipelines with costs as GPUs have them: some twenty clocks, each saving less than the one before. */
export const anyGpus = fc
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

/** A deadline part of the way, and the energy by which costs fall from fastest to slowest. */
export function question(program: OracleProblem, part: number) {
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
