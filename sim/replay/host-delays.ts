import { entryOf } from '../../src/groups.js';
import { quantileSorted } from 'simple-statistics';
import type { StepGraph } from './step-graph.js';

/**
 * A delay beyond this quantile of similar delays was a wait for something that the trace does not
 * show.
 */
const HOST_QUANTILE = 0.05;

/**
 * The delays with which hosts begin operations that have nothing left to wait for: for each two
 * kinds of operation that follow each other on a rank, the 5 % quantile over all ranks and steps.
 * Any longer delay was waiting, which a replay has to reproduce by itself. The exception is time in
 * which nothing in the trace was running anywhere in the job (`silentDelays`): no worker can have
 * waited for another then, so each idle worker keeps that gap. Applies if transfers block.
 *
 * @returns delays per operation of a graph.
 */
export function hostDelays(graphs: readonly StepGraph[]): (graph: StepGraph) => Float64Array {
  const found = new Map<string, number[]>();
  for (const graph of graphs) {
    pairsOfKinds(graph).forEach((pair, i) => {
      entryOf(found, pair, (): number[] => []).push(graph.delayS[i]!);
    });
  }
  const usualS = new Map<string, number>();
  for (const [pair, delaysS] of found) {
    delaysS.sort((a, b) => a - b);
    usualS.set(pair, Math.max(0, quantileSorted(delaysS, HOST_QUANTILE)));
  }
  return (graph) =>
    Float64Array.from(pairsOfKinds(graph), (pair, i) =>
      Math.max(usualS.get(pair)!, graph.silentS[i]!),
    );
}

/** The kind of each operation, and of the one before it on its rank. */
function pairsOfKinds({ workers, kind }: StepGraph): string[] {
  return workers.flatMap(({ first, end }) =>
    Array.from(kind.subarray(first, end), (own, k) => {
      return `${k === 0 ? 'begin' : kind[first + k - 1]!} ${own}`;
    }),
  );
}
