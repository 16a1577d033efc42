import { Worker, type Job } from 'bullmq';
import { InputError } from '../../src/errors.js';
import { addressWithoutPassword } from '../../src/passwords.js';
import {
  connect,
  MOST_TRIES,
  queueName,
  versionProblem,
  type BatchJob,
  type BatchResult,
  type OnNotice,
} from './redis-jobs.js';
import { RunPool, type PoolOptions } from './run-pool.js';
import type { RunResult } from './run-result.js';

/** The time for which a silent worker is believed to be alive. */
const LOCK_MS = 4000;
/** The interval at which others look for runs whose worker is gone, and for runs of other versions. */
const LOOK_MS = 2000;

/** A worker that takes runs until it is stopped. */
export interface RedisWorker {
  /** Finishes the runs under way, unless Redis is gone. */
  stop(): Promise<void>;
}

/**
 * Takes runs from Redis, and executes them in processes of this machine: a run that kills its process
 * fails, and the worker goes on.
 *
 * @throws InputError if there is no Redis, or only runs of another version wait in it.
 */
export async function startWorker(
  url: string,
  version: string,
  options: PoolOptions,
  onNotice: OnNotice = () => undefined,
): Promise<RedisWorker> {
  const redis = await connect(url, onNotice);
  const problem = await versionProblem(redis, version);
  if (problem !== undefined) {
    redis.disconnect();
    throw InputError.of({ source: addressWithoutPassword(url), message: problem });
  }
  const pool = new RunPool(options);
  // Runs are executed in other processes, so that this one can signal meanwhile that it is alive.
  const worker = new Worker<BatchJob, BatchResult>(
    queueName(version),
    (job) => doBatch(job, pool),
    {
      connection: redis,
      concurrency: options.workers,
      lockDuration: LOCK_MS,
      stalledInterval: LOOK_MS,
      maxStalledCount: MOST_TRIES - 1,
    },
  );
  worker.on('error', () => undefined);
  // Runs of another version may come while this worker waits.
  let told: string | undefined;
  const watch = setInterval(() => {
    if (redis.status !== 'ready') return;
    versionProblem(redis, version).then(
      (found) => {
        if (found !== undefined && found !== told) onNotice(found);
        told = found;
      },
      () => undefined,
    );
  }, LOOK_MS);
  return {
    stop: async () => {
      clearInterval(watch);
      // A worker without Redis cannot hand over the runs under way.
      const isGone = new Promise((resolve) => {
        if (redis.status !== 'ready') resolve(undefined);
        redis.once('close', resolve);
      });
      await Promise.race([worker.close(), isGone]);
      pool.end();
      redis.disconnect();
    },
  };
}

async function doBatch(job: Job<BatchJob, BatchResult>, pool: RunPool): Promise<BatchResult> {
  const { profile, frontier, noBound, runs, triesBefore } = job.data;
  const deaths = job.attemptsStarted - 1;
  // One of these runs may kill its worker; executed one by one, they show which.
  if (runs.length > 1 && deaths > 0) return { deaths };
  if (triesBefore + deaths >= MOST_TRIES) return { deaths };
  const results: RunResult[] = [];
  await pool.do(
    runs.map((run) => ({ ...run, profile, frontier, noBound })),
    (result) => Promise.resolve(void results.push(result)),
  );
  return { results };
}
