import { groupBy } from '../../src/groups.js';
import type { RunTask } from './run-result.js';

/** A worker that plans for few runs wastes the frontier: batches are not cut smaller than this. */
const SMALLEST_BATCH = 8;

/**
 * Runs by what they plan, cut into pieces where that leaves workers without work; pieces of one
 * planning problem come one after the other.
 *
 * @param size runs of a batch at most, if that is not too few.
 */
export function batchesOf(tasks: readonly RunTask[], size: number): RunTask[][] {
  const groups = groupBy(tasks, ({ frontier }) => frontier);
  const length = Math.max(SMALLEST_BATCH, size);
  return [...groups.values()]
    .sort((a, b) => instructionsOf(b[0]!) - instructionsOf(a[0]!))
    .flatMap((group) =>
      Array.from({ length: Math.ceil(group.length / length) }, (_, k) =>
        group.slice(k * length, (k + 1) * length),
      ),
    );
}

/** Planning takes longest for large pipelines: those first, so that none is left over at the end. */
function instructionsOf({ scenario }: RunTask): number {
  const { stages, microbatches, chunks } = scenario.pipeline;
  return stages * microbatches * chunks;
}
