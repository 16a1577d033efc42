import { setTimeout as sleep } from 'node:timers/promises';
import { Queue, type Job } from 'bullmq';
import { batchesOf } from './batches.js';
import { checkedResults, isBatchOf } from './checked-results.js';
import {
  announce,
  connect,
  jobIdOf,
  MOST_TRIES,
  queueName,
  withdraw,
  type BatchJob,
  type BatchResult,
  type OnNotice,
} from './redis-jobs.js';
import { failedRun, type RunResult, type RunTask } from './run-result.js';
import { WorkerWatch } from './worker-watch.js';

/** The interval at which the coordinator looks for results. */
const LOOK_MS = 200;
/** The number of such checks after which it repeats that no worker is there. */
const NOTICE_LOOKS = 15;
/** The interval at which it checks that Redis still has all runs: it may have restarted without them. */
const LOOKS_PER_CHECK = 10;
/** Most runs per batch: a worker that dies leaves at most these to repeat. */
const LARGEST_BATCH = 32;
/** Fewest batches, unless they become too small: the number of workers is unknown. */
const LEAST_BATCHES = 32;
/** The longest time for tidying up in Redis after a stop. */
const TIDY_MS = 2000;

/** The Redis that runs are queued in, and their sweep. */
export interface RedisOptions {
  readonly url: string;
  readonly version: string;
  /** Hash of the sweep. */
  readonly sweep: string;
  readonly signal: AbortSignal;
  readonly onNotice: OnNotice;
}

/**
 * Hands runs to workers through Redis, and collects their results. Results stay in Redis until they
 * are stored here: a restarted coordinator finds those finished meanwhile. If a worker dies of a
 * batch, its runs are queued again one by one; a run that kills `MOST_TRIES` workers has failed.
 *
 * @throws InputError if there is no Redis; if it is lost later, this waits for it.
 */
export async function runOnRedis(
  tasks: readonly RunTask[],
  { url, version, sweep, signal, onNotice }: RedisOptions,
  onResult: (result: RunResult) => Promise<void>,
): Promise<void> {
  const redis = await connect(url, onNotice);
  const queue = new Queue<BatchJob, BatchResult>(queueName(version), { connection: redis });
  queue.on('error', () => undefined);
  const coordinator = new Coordinator(queue, sweep, tasks, onResult);
  const aborted = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
  const work = async () => {
    await coordinator.begin();
    const watch = new WorkerWatch(onNotice, url, version, NOTICE_LOOKS);
    for (let look = 0; !coordinator.isDone() && !signal.aborted; look++) {
      if (look % LOOKS_PER_CHECK === 0) {
        await announce(redis, version);
        await coordinator.putAgain();
        // Workers started together with it are not there yet at the first check.
        if (look > 0) watch.see(await queue.getWorkersCount());
      }
      await coordinator.collect();
      if (!coordinator.isDone()) await sleep(LOOK_MS);
    }
  };
  // A Redis that is gone must not prevent a stop.
  const working = work();
  working.catch(() => undefined);
  try {
    await Promise.race([working, aborted]);
  } finally {
    await withinTime(async () => {
      await working.catch(() => undefined);
      await withdraw(redis, version);
      await coordinator.removeWaiting();
      await queue.trimEvents(0);
      await queue.close();
    });
    redis.disconnect();
  }
}

/** Tidies up, as far as Redis answers. */
async function withinTime(tidy: () => Promise<void>): Promise<void> {
  const tidying = tidy();
  tidying.catch(() => undefined);
  await Promise.race([tidying, sleep(TIDY_MS, undefined, { ref: false })]);
}

type Batch = Job<BatchJob, BatchResult>;

/** The jobs in which the runs of a sweep wait. */
class Coordinator {
  /** Runs without a result. */
  private readonly left: Map<number, RunTask>;
  private readonly jobs = new Map<string, BatchJob>();

  constructor(
    private readonly queue: Queue<BatchJob, BatchResult>,
    private readonly sweep: string,
    tasks: readonly RunTask[],
    private readonly onResult: (result: RunResult) => Promise<void>,
  ) {
    this.left = new Map(tasks.map((task) => [task.index, task]));
  }

  isDone(): boolean {
    return this.left.size === 0;
  }

  /** Takes over what an earlier coordinator of the same sweep left, and queues the other runs. */
  async begin(): Promise<void> {
    const taken = new Set<number>();
    for (const { id, data } of await this.queue.getJobs()) {
      if (!isBatchOf(this.sweep, data)) continue;
      const mine = data.runs.filter(({ index }) => this.left.has(index) && !taken.has(index));
      if (mine.length === 0) continue;
      for (const { index } of mine) taken.add(index);
      this.jobs.set(id!, data);
    }
    const others = [...this.left.values()].filter(({ index }) => !taken.has(index));
    const size = Math.min(LARGEST_BATCH, Math.ceil(others.length / LEAST_BATCHES));
    for (const batch of batchesOf(others, size)) {
      this.expect({ ...this.jobOf(batch), triesBefore: 0 });
    }
  }

  private jobOf(tasks: readonly RunTask[]): Omit<BatchJob, 'triesBefore'> {
    const runs = tasks.map(({ index, scenario }) => ({ index, scenario }));
    const { profile, frontier, noBound = false } = tasks[0]!;
    return { sweep: this.sweep, profile, frontier, ...(noBound && { noBound }), runs };
  }

  private expect(job: BatchJob): void {
    this.jobs.set(jobIdOf(job), job);
  }

  /** Queues all that is waited for; jobs already there stay as they are. */
  async putAgain(): Promise<void> {
    await this.queue.addBulk(
      [...this.jobs].map(([jobId, data]) => ({
        name: 'batch',
        data,
        // A run that throws has a result; a batch is only tried again if its thread or worker died.
        opts: { jobId, attempts: MOST_TRIES, backoff: { type: 'fixed', delay: 500 } },
      })),
    );
  }

  /** Stores what is done. */
  async collect(): Promise<void> {
    const ended = (await this.queue.getJobs(['completed', 'failed'])) as Batch[];
    let isChanged = false;
    for (const job of ended) {
      const data = this.jobs.get(job.id ?? '');
      if (data === undefined) continue;
      // Stored before it is removed: nothing is lost, whatever stops this in between.
      await this.store(data, job);
      this.jobs.delete(job.id!);
      await job.remove();
      isChanged = true;
    }
    if (isChanged) await this.putAgain();
  }

  private async store(data: BatchJob, job: Batch): Promise<void> {
    const indices = data.runs.map(({ index }) => index);
    const result =
      (await job.getState()) === 'completed'
        ? checkedResults(job.returnvalue, indices)
        : { deaths: MOST_TRIES };
    if ('results' in result) {
      await Promise.all(result.results.map((one) => this.settle(one)));
      return;
    }
    const deaths = data.triesBefore + result.deaths;
    const reason = job.failedReason === '' ? 'its worker is gone' : job.failedReason;
    for (const { index } of data.runs) {
      const task = this.left.get(index);
      if (task === undefined) continue;
      if (data.runs.length > 1) {
        this.expect({ ...this.jobOf([task]), triesBefore: Math.min(deaths, MOST_TRIES - 1) });
      } else {
        await this.settle(
          failedRun(
            index,
            `given up after ${deaths} tries, each of which killed its worker: ${reason}`,
          ),
        );
      }
    }
  }

  private async settle(result: RunResult): Promise<void> {
    if (!this.left.has(result.index)) return;
    await this.onResult(result);
    this.left.delete(result.index);
  }

  /** Removes jobs that no worker has begun. */
  async removeWaiting(): Promise<void> {
    const waiting = await this.queue.getJobs(['waiting', 'delayed', 'prioritized']);
    for (const job of waiting) if (this.jobs.has(job.id ?? '')) await job.remove();
  }
}
