import { fileURLToPath } from 'node:url';
import { Worker } from 'bullmq';
import { InputError } from '../../src/errors.js';
import { addressWithoutPassword } from '../../src/passwords.js';
import { connect, MOST_TRIES, queueName, versionProblem, type OnNotice } from './redis-jobs.js';

/** How long a worker that says nothing is believed to be alive. */
const LOCK_MS = 4000;
/** How often others look for runs whose worker is gone, and for runs of other versions. */
const LOOK_MS = 2000;

/** A worker that takes runs until it is stopped. */
export interface RedisWorker {
  /** Finishes what is under way, unless Redis is gone; then threads may still be at it. */
  stop(): Promise<void>;
}

/**
 * Takes runs from Redis, on some threads of this machine.
 * @throws InputError when there is no Redis, or only runs of another version wait in it.
 */
export async function startWorker(
  url: string,
  version: string,
  threads: number,
  onNotice: OnNotice = () => undefined,
): Promise<RedisWorker> {
  const redis = await connect(url, onNotice);
  const problem = await versionProblem(redis, version);
  if (problem !== undefined) {
    redis.disconnect();
    throw InputError.of({ source: addressWithoutPassword(url), message: problem });
  }
  const processor = fileURLToPath(new URL('./redis-processor.js', import.meta.url));
  const worker = new Worker(queueName(version), processor, {
    connection: redis,
    concurrency: threads,
    useWorkerThreads: true,
    lockDuration: LOCK_MS,
    stalledInterval: LOOK_MS,
    maxStalledCount: MOST_TRIES - 1,
  });
  worker.on('error', () => undefined);
  // Runs of another version may come when this one waits already.
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
      // Nobody would take what is under way from a worker whose Redis is gone, or goes.
      const isGone = new Promise((resolve) => {
        if (redis.status !== 'ready') resolve(undefined);
        redis.once('close', resolve);
      });
      await Promise.race([worker.close(), isGone]);
      redis.disconnect();
    },
  };
}
