import type { StepGraph, Worker } from './step-graph.js';

/** What a replayed step took, from its beginning. */
export interface ReplayedStep {
  readonly lengthS: number;
  /** Per operation of the step's graph. */
  readonly startS: Float64Array;
  readonly endS: Float64Array;
}

/**
 * Runs a step anew: every worker its batches in order, each as soon as the one before is done and
 * a gap has passed; an operation that meets others ends `durationS` after the last of them began.
 *
 * O(operations + rounds · workers); a round lets every worker run as far as it can.
 *
 * @param durationS per operation, without waiting.
 * @param gapS per operation; of the first of a batch.
 * @returns undefined when workers wait for each other for ever.
 */
export function replayStep(
  graph: StepGraph,
  durationS: Float64Array,
  gapS: Float64Array,
): ReplayedStep | undefined {
  const { workers, batch, group, groupSize } = graph;
  const n = batch.length;
  const startS = new Float64Array(n);
  const endS = new Float64Array(n);
  const groupStartS = new Float64Array(groupSize.length);
  const begun = new Int32Array(groupSize.length);
  const next = Int32Array.from(workers, (worker) => worker.first);
  const hasBegun = new Uint8Array(n);
  const freeS = new Float64Array(workers.length);

  const begin = (first: number, end: number, nowS: number): void => {
    if (hasBegun[first] === 1) return;
    hasBegun[first] = 1;
    for (let i = first; i < end; i++) {
      startS[i] = nowS;
      const g = group[i]!;
      if (g < 0) continue;
      begun[g]!++;
      if (nowS > groupStartS[g]!) groupStartS[g] = nowS;
    }
  };
  /** When a batch that has begun ends; NaN while somebody that it meets has not begun. */
  const endOf = (first: number, end: number): number => {
    let lastS = 0;
    for (let i = first; i < end; i++) {
      const g = group[i]!;
      if (g >= 0 && begun[g]! < groupSize[g]!) return NaN;
      lastS = Math.max(lastS, (g < 0 ? startS[i]! : groupStartS[g]!) + durationS[i]!);
    }
    return lastS;
  };
  const runWorker = ({ end }: Worker, w: number): void => {
    while (next[w]! < end) {
      const first = next[w]!;
      const batchEnd = endOfBatch(batch, first, end);
      begin(first, batchEnd, freeS[w]! + gapS[first]!);
      const doneS = endOf(first, batchEnd);
      if (Number.isNaN(doneS)) return;
      endS.fill(doneS, first, batchEnd);
      freeS[w] = doneS;
      next[w] = batchEnd;
    }
  };
  for (;;) {
    const before = progress(next, begun);
    workers.forEach(runWorker);
    if (next.every((at, w) => at === workers[w]!.end)) break;
    if (progress(next, begun) === before) return undefined;
  }
  return { lengthS: Math.max(...freeS), startS, endS };
}

function endOfBatch(batch: Int32Array, first: number, end: number): number {
  let i = first + 1;
  while (i < end && batch[i] === first) i++;
  return i;
}

function progress(next: Int32Array, begun: Int32Array): number {
  let sum = 0;
  for (const at of next) sum += at;
  for (const count of begun) sum += count;
  return sum;
}
