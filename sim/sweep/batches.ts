import { groupBy } from '../../src/groups.js';
import type { RunTask } from './run-result.js';

/** Fewest runs per batch: a worker that plans for few runs wastes the frontier. */
const SMALLEST_BATCH = 8;

/**
 * Groups runs by planning problem, and cuts groups into pieces if workers would be idle otherwise;
 * pieces of one planning problem come one after the other.
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

/** Planning takes longest for large pipelines: they come first, so that none is left for the end. */
function instructionsOf({ scenario }: RunTask): number {
  const { stages, microbatches, chunks } = scenario.pipeline;
  return stages * microbatches * chunks;
}
