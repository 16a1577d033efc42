import { setMaxListeners } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { batchesOf } from './batches.js';
import { failedRun, type RunResult, type RunTask } from './run-result.js';

/** How runs are spread over threads. */
export interface LocalOptions {
  readonly workers: number;
  /** No run is begun after this is aborted; those that are under way are given up. */
  readonly signal?: AbortSignal;
  /** Heap of a thread; by default what Node gives it. */
  readonly heapMB?: number;
}

/** Batches per worker at least, so that none is left alone with a long one at the end. */
const BATCHES_PER_WORKER = 4;

type OnResult = (result: RunResult) => Promise<void>;

/**
 * Does runs on threads of this machine. Runs that plan the same go to one thread one after the
 * other, and share their frontier. A run of which its thread dies, because memory is not enough, has
 * failed.
 *
 * @param onResult is told of each result as it is there, in no order.
 */
export async function runLocally(
  tasks: readonly RunTask[],
  { workers, signal, heapMB }: LocalOptions,
  onResult: OnResult,
): Promise<void> {
  const batches = batchesOf(tasks, Math.ceil(tasks.length / (workers * BATCHES_PER_WORKER)));
  const threads = Math.min(workers, batches.length);
  // Every batch listens to it.
  if (signal !== undefined) setMaxListeners(0, signal);
  const pool = new Piscina({
    filename: new URL('./batch-worker.js', import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: 1,
    // Waiting for work must not keep a thread from sending what it has done.
    atomics: 'disabled',
    ...(heapMB === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: heapMB } }),
  });
  try {
    await Promise.all(batches.map((batch) => doBatch(pool, batch, signal, onResult)));
  } finally {
    await pool.destroy();
  }
}

/** Does a batch; what a dead thread has left is begun anew, the run that it died of by itself. */
async function doBatch(
  pool: Piscina,
  tasks: readonly RunTask[],
  signal: AbortSignal | undefined,
  onResult: OnResult,
): Promise<void> {
  const { left, reason } = await tryBatch(pool, tasks, signal, onResult);
  const [suspect, ...others] = left;
  if (suspect === undefined) return;
  if (tasks.length === 1) {
    await onResult(failedRun(suspect.index, `its thread died: ${reason}`));
    return;
  }
  await doBatch(pool, [suspect], signal, onResult);
  if (others.length > 0) await doBatch(pool, others, signal, onResult);
}

/** @returns runs without a result, in order, and why. */
async function tryBatch(
  pool: Piscina,
  tasks: readonly RunTask[],
  signal: AbortSignal | undefined,
  onResult: OnResult,
): Promise<{ left: readonly RunTask[]; reason: string }> {
  const { port1, port2 } = new MessageChannel();
  const done = new Set<number>();
  port1.on('message', (result: RunResult) => {
    done.add(result.index);
    // Whoever began the sweep waits for what is still being written.
    if (signal?.aborted !== true) void onResult(result);
  });
  // A batch may be done before its last results have arrived here; they have when the port closes.
  const received = new Promise((resolve) => port1.once('close', resolve));
  let reason = '';
  try {
    const options = { transferList: [port2], ...(signal === undefined ? {} : { signal }) };
    await pool.run({ tasks, port: port2 }, options);
  } catch (error) {
    if (signal?.aborted === true) {
      // A batch that no thread has begun has nobody to close its port.
      port1.close();
      throw error;
    }
    reason = (error as Error).message;
  }
  await received;
  return { left: tasks.filter(({ index }) => !done.has(index)), reason };
}
