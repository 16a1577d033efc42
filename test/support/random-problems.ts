import fc from 'fast-check';
import { FORWARD, INSTRUCTION_KINDS } from '../../src/profile/operation.js';
import type { OperationCosts } from '../../src/profile/operation-costs.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import type { PlanningProblem } from '../../src/planner/planner.js';
import {
  exampleShape,
  scheduleDag,
  SCHEDULE_NAMES,
  scheduleOf,
  type ScheduleName,
} from '../../src/pipeline/schedules.js';

/** A DAG of any shape: arcs from smaller to larger instruction numbers, one "stage" each. */
export function dagOfArcs(instructionCount: number, arcs: readonly [number, number][]) {
  const csr = (from: 0 | 1, to: 0 | 1) => {
    const lists = Array.from({ length: instructionCount }, (): number[] => []);
    for (const arc of arcs) lists[arc[from]]!.push(arc[to]);
    const start = new Int32Array(instructionCount + 1);
    lists.forEach((list, i) => (start[i + 1] = start[i]! + list.length));
    return { start, target: Int32Array.from(lists.flat()) };
  };
  const successors = csr(0, 1);
  const predecessors = csr(1, 0);
  const identity = Int32Array.from({ length: instructionCount }, (_, i) => i);
  const dag: ComputationDag = {
    schedule: 'random',
    stageCount: instructionCount,
    microbatchCount: 1,
    instructionCount,
    modelStageCount: instructionCount,
    operations: Array.from({ length: instructionCount }, (_, stage) => ({
      stage,
      chunk: 0,
      modelStage: stage,
      kind: 'forward' as const,
    })),
    inputStage: new Int32Array(instructionCount).fill(-1),
    outputStage: new Int32Array(instructionCount).fill(-1),
    stageStart: Int32Array.from({ length: instructionCount + 1 }, (_, i) => i),
    stage: identity,
    kind: new Uint8Array(instructionCount).fill(FORWARD),
    microbatch: new Int32Array(instructionCount),
    operation: identity,
    successorStart: successors.start,
    successor: successors.target,
    predecessorStart: predecessors.start,
    predecessor: predecessors.target,
    topologicalOrder: identity,
  };
  return dag;
}

/** Costs from marginal savings: `savings[k]` is c(min + k) − c(min + k + 1), sorted to be convex. */
function costsOfSavings(minTicks: number, savings: readonly number[]): OperationCosts {
  const falling = [...savings].sort((a, b) => b - a);
  const costJ = new Float64Array(falling.length + 1);
  for (let k = falling.length - 1; k >= 0; k--) costJ[k] = costJ[k + 1]! + falling[k]!;
  const options = Array.from(costJ, (cost, k) => ({
    frequencyMHz: 2000 - 15 * k,
    timeS: minTicks + k,
    energyJ: cost + 10,
    durationTicks: minTicks + k,
  }));
  return {
    stage: 0,
    chunk: 0,
    modelStage: 0,
    kind: INSTRUCTION_KINDS[FORWARD],
    allOptions: options,
    options,
    minTicks,
    maxTicks: minTicks + falling.length,
    costJ,
  };
}

/** Savings that often tie, so that cuts tie too. */
const saving = fc.oneof(
  fc.integer({ min: 0, max: 4 }),
  fc.double({ min: 0, max: 5, noNaN: true, noDefaultInfinity: true }),
);

const operation = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.array(saving, { maxLength: 6 }))
  .map(([minTicks, savings]) => costsOfSavings(minTicks, savings));

function problemOf(dag: ComputationDag, operations: OperationCosts[]): PlanningProblem {
  return { dag, operations, unitTimeS: 1, blockingPowerW: 0.5, gpusPerStage: 1 };
}

/** Each pair once, from the smaller number to the larger. */
function forwardArcs(n: number, pairs: readonly [number, number][]): [number, number][] {
  const keys = new Set(
    pairs.filter(([a, b]) => a !== b).map(([a, b]) => Math.min(a, b) * n + Math.max(a, b)),
  );
  return [...keys].map((key) => [Math.floor(key / n), key % n]);
}

/** Random DAGs of up to 12 instructions, each with its own costs. */
const anyDag = fc
  .integer({ min: 1, max: 12 })
  .chain((n) =>
    fc
      .tuple(
        fc.array(fc.tuple(fc.nat(n - 1), fc.nat(n - 1)), { maxLength: 3 * n }),
        fc.array(operation, { minLength: n, maxLength: n }),
      )
      .map(([pairs, operations]) => problemOf(dagOfArcs(n, forwardArcs(n, pairs)), operations)),
  );

/** Pipelines of every schedule, of up to 4 stages and 4 microbatches (DualPipe: 2 and 6). */
const anyPipeline = fc
  .tuple(
    fc.constantFrom(...SCHEDULE_NAMES),
    fc.integer({ min: 1, max: 4 }),
    fc.integer({ min: 1, max: 4 }),
  )
  .chain(([schedule, stages, microbatches]) => {
    const dag = scheduleDag(schedule, smallShape(schedule, stages, microbatches));
    const count = dag.operations.length;
    return fc
      .array(operation, { minLength: count, maxLength: count })
      .map((operations) => problemOf(dag, operations));
  });

function smallShape(schedule: ScheduleName, stages: number, microbatches: number) {
  const { usesChunks = false, exampleShape: example } = scheduleOf(schedule);
  const isLarge = usesChunks || example !== undefined;
  return exampleShape(schedule, {
    stages: isLarge ? Math.min(stages, 2) : stages,
    microbatches: example === undefined ? microbatches : microbatches + 2,
    chunks: 2,
  });
}

/** Small planning problems of every shape. */
export const anyProblem = fc.oneof(anyDag, anyPipeline);
