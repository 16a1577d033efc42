import { setMaxListeners } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { planningKey } from '../studies/plan-cache.js';
import type { RunResult, RunTask } from './run-result.js';

/** How runs are spread over threads. */
export interface LocalOptions {
  readonly workers: number;
  /** No run is begun after this is aborted; those that are under way are given up. */
  readonly signal?: AbortSignal;
}

/** A worker that plans for one run alone wastes the frontier: batches are not smaller than this. */
const SMALLEST_BATCH = 8;
/** Batches per worker at least, so that none is left alone with a long one at the end. */
const BATCHES_PER_WORKER = 4;

/**
 * Does runs on threads of this machine. Runs that plan the same go to one thread one after the
 * other, and share their frontier.
 *
 * @param onResult is told of each result as it is there, in no order.
 */
export async function runLocally(
  tasks: readonly RunTask[],
  { workers, signal }: LocalOptions,
  onResult: (result: RunResult) => Promise<void>,
): Promise<void> {
  // Every batch listens to it.
  if (signal !== undefined) setMaxListeners(0, signal);
  const pool = new Piscina({
    filename: new URL('./batch-worker.js', import.meta.url).href,
    minThreads: workers,
    maxThreads: workers,
    concurrentTasksPerWorker: 1,
    // Waiting for work must not keep a thread from sending what it has done.
    atomics: 'disabled',
  });
  try {
    await Promise.all(
      batchesOf(tasks, workers).map((batch) => runBatch(pool, batch, signal, onResult)),
    );
  } finally {
    await pool.destroy();
  }
}

async function runBatch(
  pool: Piscina,
  tasks: readonly RunTask[],
  signal: AbortSignal | undefined,
  onResult: (result: RunResult) => Promise<void>,
): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  // A batch may be done before its last results have arrived here.
  const received = new Promise<void>((resolve) => {
    let left = tasks.length;
    port1.on('message', (result: RunResult) => {
      // Whoever began the sweep waits for what is still being written.
      if (signal?.aborted !== true) void onResult(result);
      if (--left === 0) resolve();
    });
  });
  try {
    await pool.run(
      { tasks, port: port2 },
      { transferList: [port2], ...(signal === undefined ? {} : { signal }) },
    );
    await received;
  } finally {
    port1.close();
  }
}

/** Runs by what they plan, cut into pieces where that leaves workers without work. */
export function batchesOf(tasks: readonly RunTask[], workers: number): RunTask[][] {
  const groups = new Map<string, RunTask[]>();
  for (const task of tasks) {
    const key = planningKey(task.scenario);
    groups.set(key, [...(groups.get(key) ?? []), task]);
  }
  const wanted = workers * BATCHES_PER_WORKER;
  const size = Math.max(SMALLEST_BATCH, Math.ceil(tasks.length / wanted));
  const batches = [...groups.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / size) }, (_, k) =>
      group.slice(k * size, (k + 1) * size),
    ),
  );
  return batches.sort((a, b) => instructionsOf(b[0]!) - instructionsOf(a[0]!));
}

/** Planning takes longest for large pipelines: those first, so that none is left over at the end. */
function instructionsOf({ scenario }: RunTask): number {
  const { stages, microbatches, chunks } = scenario.pipeline;
  return stages * microbatches * chunks;
}
