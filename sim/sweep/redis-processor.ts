import { RecentPlans } from './recent-plans.js';
import { MOST_TRIES, type BatchJob, type BatchResult } from './redis-jobs.js';
import { doRun, type RunResult } from './run-result.js';

/** Of this thread, for as long as it lives. */
const plans = new RecentPlans();

/** What BullMQ tells a thread of a job. */
interface StartedJob {
  readonly data: BatchJob;
  /** How often it was begun, this time included. */
  readonly attemptsStarted: number;
}

/** Does a batch in a thread of its own, so that the worker can say meanwhile that it is alive. */
export default async function processBatch(job: StartedJob): Promise<BatchResult> {
  const { profile, runs, triesBefore } = job.data;
  const deaths = job.attemptsStarted - 1;
  // One of these runs may kill whoever takes it: which one shows when they are done one by one.
  if (runs.length > 1 && deaths > 0) return { deaths };
  if (triesBefore + deaths >= MOST_TRIES) return { deaths };
  const results: RunResult[] = [];
  for (const run of runs) {
    results.push(await doRun({ ...run, profile }, plans.cacheFor(run.scenario)));
  }
  return { results };
}
