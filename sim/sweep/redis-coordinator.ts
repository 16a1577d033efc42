import { setTimeout as sleep } from 'node:timers/promises';
import { Queue, type Job } from 'bullmq';
import { batchesOf } from './local-workers.js';
import { announce, batchJob, connect, jobIdOf, queueName, withdraw } from './redis-jobs.js';
import type { BatchJob, BatchResult } from './redis-jobs.js';
import { MOST_TRIES } from './redis-worker.js';
import type { RunResult, RunTask } from './run-result.js';

/** How often the coordinator looks for what is done. */
const LOOK_MS = 200;
/** How often it looks whether Redis still knows all runs: it may have come back without them. */
const LOOKS_PER_CHECK = 10;
/** Batches are cut as for so many workers. */
const ASSUMED_WORKERS = 8;

/**
 * Hands runs to workers by way of Redis, and collects what they give. Results stay in Redis until
 * they are stored here: a coordinator that begins anew finds those that were done meanwhile. A batch
 * whose workers died is put in again run by run; a run of which `MOST_TRIES` workers died has failed.
 */
export async function runOnRedis(
  url: string,
  version: string,
  tasks: readonly RunTask[],
  signal: AbortSignal,
  onResult: (result: RunResult) => Promise<void>,
): Promise<void> {
  const redis = await connect(url);
  const queue = new Queue<BatchJob, BatchResult>(queueName(version), { connection: redis });
  queue.on('error', () => undefined);
  const waiting = new Map<string, BatchJob>();
  const put = async (jobs: readonly BatchJob[]): Promise<void> => {
    for (const job of jobs) waiting.set(jobIdOf(job), job);
    await queue.addBulk(jobs.map((data) => jobOf(data)));
  };
  try {
    await announce(redis, version);
    await put(batchesOf(tasks, ASSUMED_WORKERS).map(batchJob));
    for (let look = 1; waiting.size > 0 && !signal.aborted; look++) {
      await collect(queue, waiting, put, onResult);
      if (look % LOOKS_PER_CHECK === 0) {
        await announce(redis, version);
        // What is there already stays as it is.
        await queue.addBulk([...waiting.values()].map((data) => jobOf(data)));
      }
      if (waiting.size > 0) await sleep(LOOK_MS);
    }
  } finally {
    if (waiting.size === 0) await withdraw(redis, version);
    await queue.close();
    redis.disconnect();
  }
}

function jobOf(data: BatchJob) {
  // What a run throws is its result; tried again is only a batch whose worker could not run at all.
  const opts = {
    jobId: jobIdOf(data),
    attempts: MOST_TRIES,
    backoff: { type: 'fixed', delay: 500 },
  };
  return { name: 'batch', data, opts };
}

async function collect(
  queue: Queue<BatchJob, BatchResult>,
  waiting: Map<string, BatchJob>,
  put: (jobs: readonly BatchJob[]) => Promise<void>,
  onResult: (result: RunResult) => Promise<void>,
): Promise<void> {
  for (const job of (await queue.getJobs(['completed', 'failed'])) as Job<
    BatchJob,
    BatchResult
  >[]) {
    const id = job.id ?? '';
    const data = waiting.get(id);
    if (data === undefined) continue;
    // Stored before it is taken out: whatever stops this in between, nothing is lost.
    const isDone = (await job.getState()) === 'completed';
    const runs = isDone ? [] : data.runs;
    if (isDone) for (const result of job.returnvalue) await onResult(result);
    else if (runs.length === 1) await onResult(parked(runs[0]!.index, job.failedReason));
    waiting.delete(id);
    await job.remove();
    if (runs.length > 1) await put(runs.map((run) => ({ profile: data.profile, runs: [run] })));
  }
}

function parked(index: number, reason: string): RunResult {
  const error = `parked after ${MOST_TRIES} tries: ${reason}`;
  return { index, error, rows: [], ledger: [] };
}
