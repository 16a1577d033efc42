import type { StepGraph } from './step-graph.js';

/** The times of a replayed step, from its beginning. */
export interface ReplayedStep {
  readonly lengthS: number;
  /** Per operation of the step's graph. */
  readonly startS: Float64Array;
  readonly endS: Float64Array;
}

/**
 * Runs a step anew: an operation begins once all operations that it waits for have ended and its
 * delay has passed; it ends `durationS` after it and all operations that it meets have begun.
 *
 * O(operations + dependencies).
 *
 * @param durationS per operation, from the time when those it meets have begun.
 * @param delayS per operation; none if left out.
 */
export function replayStep(
  graph: StepGraph,
  durationS: Float64Array,
  delayS?: Float64Array,
): ReplayedStep {
  const { order, group, groupStart, member, predecessorStart, predecessor } = graph;
  const startS = new Float64Array(order.length);
  const endS = new Float64Array(order.length);
  const groupStartS = new Float64Array(groupStart.length - 1);
  const begun = new Int32Array(groupStart.length - 1);
  let lengthS = 0;
  const finish = (i: number, fromS: number) => {
    endS[i] = fromS + durationS[i]!;
    if (endS[i] > lengthS) lengthS = endS[i]!;
  };
  for (const i of order) {
    let readyS = 0;
    for (let a = predecessorStart[i]!; a < predecessorStart[i + 1]!; a++) {
      const doneS = endS[predecessor[a]!]!;
      if (doneS > readyS) readyS = doneS;
    }
    startS[i] = readyS + (delayS?.[i] ?? 0);
    const g = group[i]!;
    if (g < 0) {
      finish(i, startS[i]);
      continue;
    }
    if (startS[i] > groupStartS[g]!) groupStartS[g] = startS[i]!;
    if (++begun[g]! < groupStart[g + 1]! - groupStart[g]!) continue;
    for (let m = groupStart[g]!; m < groupStart[g + 1]!; m++) finish(member[m]!, groupStartS[g]!);
  }
  return { lengthS, startS, endS };
}
