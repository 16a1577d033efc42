import type { ComputationDag } from './dag.js';

/**
 * The times at which instructions may start without delaying the iteration, in the unit of the
 * durations.
 */
export interface PathTimes {
  /** Iteration time: the length of the longest path. */
  readonly length: number;
  /** Per instruction: the earliest possible start. */
  readonly earliestStart: Float64Array;
  /** Per instruction: the latest start that does not lengthen the iteration. */
  readonly latestStart: Float64Array;
}

/**
 * Per instruction: the time from its end until instructions that wait for it may begin, in the
 * durations' unit.
 */
export interface Lags {
  /** Until its own stage is free; the iteration's end waits for this too. */
  readonly ownStage: ArrayLike<number>;
  /** Until another stage can use its output. */
  readonly otherStage: ArrayLike<number>;
}

/** The lag between an instruction and one that waits for it. */
export function lagBetween(dag: ComputationDag, lags: Lags, from: number, to: number): number {
  return dag.stage[from] === dag.stage[to] ? lags.ownStage[from]! : lags.otherStage[from]!;
}

/**
 * Earliest and latest start of every instruction for given durations (the critical path method).
 * Durations may be in any unit. O(instructions + arcs).
 *
 * @example
 * ```ts
 * import { pathTimes, planOfOptions, singlePlan, type PlannerModule } from 'pipewatt/planner';
 *
 * const name = 'highest clocks';
 * export const planner: PlannerModule = {
 *   name,
 *   plan: (problem) => {
 *     const { dag, operations, lags, unitTimeS } = problem;
 *     const ticks = Array.from(dag.operation, (op) => operations[op]!.minTicks);
 *     const timeS = unitTimeS * pathTimes(dag, ticks, lags?.ticks).length;
 *     console.log(`no plan takes less than ${timeS} s`);
 *     const highest = (i: number) => operations[dag.operation[i]!]!.allOptions[0]!;
 *     return singlePlan(planOfOptions(name, problem, highest));
 *   },
 * };
 * ```
 */
export function pathTimes(
  dag: ComputationDag,
  duration: ArrayLike<number>,
  lags?: Lags,
): PathTimes {
  const { instructionCount: n, topologicalOrder } = dag;
  const lag = (from: number, to: number) =>
    lags === undefined ? 0 : lagBetween(dag, lags, from, to);
  const endLag = (i: number) => lags?.ownStage[i] ?? 0;
  const { predecessorStart, predecessor, successorStart, successor } = dag;
  const earliestStart = new Float64Array(n);
  let length = 0;
  for (let k = 0; k < n; k++) {
    const i = topologicalOrder[k]!;
    let start = 0;
    for (let a = predecessorStart[i]!; a < predecessorStart[i + 1]!; a++) {
      const p = predecessor[a]!;
      const finish = earliestStart[p]! + duration[p]! + lag(p, i);
      if (finish > start) start = finish;
    }
    earliestStart[i] = start;
    const finish = start + duration[i]! + endLag(i);
    if (finish > length) length = finish;
  }
  const latestStart = new Float64Array(n);
  for (let k = n - 1; k >= 0; k--) {
    const i = topologicalOrder[k]!;
    let finish = length - endLag(i);
    for (let a = successorStart[i]!; a < successorStart[i + 1]!; a++) {
      const next = latestStart[successor[a]!]! - lag(i, successor[a]!);
      if (next < finish) finish = next;
    }
    latestStart[i] = finish - duration[i]!;
  }
  return { length, earliestStart, latestStart };
}

/**
 * Per instruction: the longest delay that, alone, does not lengthen the iteration.
 *
 * @example
 * ```ts
 * import { pathTimes, slack, type ModuleProblem } from 'pipewatt/planner';
 *
 * export function spareTicks({ dag, operations, lags }: ModuleProblem): Float64Array {
 *   const ticks = Array.from(dag.operation, (op) => operations[op]!.minTicks);
 *   return slack(pathTimes(dag, ticks, lags?.ticks));
 * }
 * ```
 */
export function slack(times: PathTimes): Float64Array {
  return times.latestStart.map((latest, i) => latest - times.earliestStart[i]!);
}

/**
 * One critical path: instructions without slack, first to last, each a predecessor of the next.
 * Where several are critical, the one with the smallest instruction number is taken. Slack up to
 * `tolerance` counts as none (0 for whole ticks). O(instructions + arcs).
 */
export function criticalPath(
  dag: ComputationDag,
  duration: ArrayLike<number>,
  tolerance = 0,
): number[] {
  const { length, earliestStart, latestStart } = pathTimes(dag, duration);
  const isCritical = (i: number) => latestStart[i]! - earliestStart[i]! <= tolerance;
  const path: number[] = [];
  let current = firstWhere(dag.instructionCount, (i) => isCritical(i) && earliestStart[i] === 0);
  while (current >= 0) {
    path.push(current);
    const finish = earliestStart[current]! + duration[current]!;
    if (finish >= length - tolerance) break;
    current = smallestSuccessor(
      dag,
      current,
      (j) => isCritical(j) && Math.abs(earliestStart[j]! - finish) <= tolerance,
    );
  }
  return path;
}

function firstWhere(count: number, test: (i: number) => boolean): number {
  for (let i = 0; i < count; i++) if (test(i)) return i;
  return -1;
}

function smallestSuccessor(dag: ComputationDag, i: number, test: (j: number) => boolean): number {
  let best = -1;
  for (let a = dag.successorStart[i]!; a < dag.successorStart[i + 1]!; a++) {
    const j = dag.successor[a]!;
    if (test(j) && (best < 0 || j < best)) best = j;
  }
  return best;
}
