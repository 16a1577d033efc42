import { lagBetween, type Lags } from './critical-path.js';
import type { ComputationDag } from './dag.js';

/** Lags in the order in which searches over a pipeline visit them; zero without lags. */
export interface ArcLags {
  /** Beside `dag.successor`. */
  readonly toSuccessor: Float64Array;
  /** Beside `dag.predecessor`. */
  readonly fromPredecessor: Float64Array;
  /** Per instruction: until the iteration may end. */
  readonly toEnd: Float64Array;
}

/** Lags of every arc, looked up once. O(instructions + arcs). */
export function arcLags(dag: ComputationDag, lags: Lags | undefined): ArcLags {
  const { instructionCount: n, successorStart, successor, predecessorStart, predecessor } = dag;
  const toSuccessor = new Float64Array(successor.length);
  const fromPredecessor = new Float64Array(predecessor.length);
  const toEnd = new Float64Array(n);
  if (lags === undefined) return { toSuccessor, fromPredecessor, toEnd };
  for (let i = 0; i < n; i++) {
    toEnd[i] = lags.ownStage[i]!;
    for (let a = successorStart[i]!; a < successorStart[i + 1]!; a++) {
      toSuccessor[a] = lagBetween(dag, lags, i, successor[a]!);
    }
    for (let a = predecessorStart[i]!; a < predecessorStart[i + 1]!; a++) {
      fromPredecessor[a] = lagBetween(dag, lags, predecessor[a]!, i);
    }
  }
  return { toSuccessor, fromPredecessor, toEnd };
}

/** The start of an instruction once those before it have begun. */
export function startAfterOthers(
  { predecessorStart, predecessor }: ComputationDag,
  { fromPredecessor }: ArcLags,
  i: number,
  startS: Float64Array,
  timeS: Float64Array,
): number {
  let start = 0;
  for (let a = predecessorStart[i]!; a < predecessorStart[i + 1]!; a++) {
    const p = predecessor[a]!;
    const ready = startS[p]! + timeS[p]! + fromPredecessor[a]!;
    if (ready > start) start = ready;
  }
  return start;
}

/**
 * Fills in the latest end of each instruction with which the iteration still meets a deadline.
 * O(instructions + arcs).
 */
export function findLatestEnds(
  { topologicalOrder, successorStart, successor }: ComputationDag,
  { toSuccessor, toEnd }: ArcLags,
  timeS: Float64Array,
  deadlineS: number,
  latestEndS: Float64Array,
): void {
  for (let k = topologicalOrder.length - 1; k >= 0; k--) {
    const i = topologicalOrder[k]!;
    let end = deadlineS - toEnd[i]!;
    for (let a = successorStart[i]!; a < successorStart[i + 1]!; a++) {
      const j = successor[a]!;
      const latest = latestEndS[j]! - timeS[j]! - toSuccessor[a]!;
      if (latest < end) end = latest;
    }
    latestEndS[i] = end;
  }
}
