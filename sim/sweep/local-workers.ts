import { batchesOf } from './batches.js';
import { RunPool, type OnResult, type PoolOptions } from './run-pool.js';
import type { RunTask } from './run-result.js';

/** Options for spreading runs over processes of this machine. */
export interface LocalOptions extends PoolOptions {
  /** After this is aborted, no run begins, and those under way are given up. */
  readonly signal?: AbortSignal;
}

/** Fewest batches per worker, so that none is left alone with a long one at the end. */
const BATCHES_PER_WORKER = 4;

/**
 * Executes runs in processes of this machine. Runs with the same planning problem go to one process
 * one after the other, and share their frontier.
 *
 * @param onResult is called with each result when it is ready, in no order.
 */
export async function runLocally(
  tasks: readonly RunTask[],
  { signal, ...options }: LocalOptions,
  onResult: OnResult,
): Promise<void> {
  const batches = batchesOf(
    tasks,
    Math.ceil(tasks.length / (options.workers * BATCHES_PER_WORKER)),
  );
  const pool = new RunPool({ ...options, workers: Math.min(options.workers, batches.length) });
  const end = () => {
    pool.end();
  };
  signal?.addEventListener('abort', end);
  try {
    await Promise.all(batches.map((batch) => pool.do(batch, onResult)));
  } finally {
    signal?.removeEventListener('abort', end);
    pool.end();
  }
}
