import { fileURLToPath } from 'node:url';
import { Worker } from 'bullmq';
import { checkVersion, connect, queueName } from './redis-jobs.js';

/** How long a worker that says nothing is believed to be alive. */
export const LOCK_MS = 4000;
/** How often others look for runs whose worker is gone. */
const LOOK_MS = 2000;
/** Workers that may die of a run before it is parked. */
export const MOST_TRIES = 3;

/** A worker that takes runs until it is stopped. */
export interface RedisWorker {
  /** Finishes what is under way. */
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
): Promise<RedisWorker> {
  const redis = await connect(url);
  try {
    await checkVersion(redis, version, url);
  } catch (error) {
    redis.disconnect();
    throw error;
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
  return {
    stop: async () => {
      await worker.close();
      redis.disconnect();
    },
  };
}
