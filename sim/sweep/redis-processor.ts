import { PlanCache } from '../studies/plan-cache.js';
import type { BatchJob, BatchResult } from './redis-jobs.js';
import { doRun, type RunResult } from './run-result.js';

/** Does a batch in a thread of its own, so that the worker can say meanwhile that it is alive. */
export default async function processBatch({ data }: { data: BatchJob }): Promise<BatchResult> {
  const cache = new PlanCache();
  const results: RunResult[] = [];
  for (const run of data.runs) {
    results.push(await doRun({ ...run, profile: data.profile }, cache));
  }
  return results;
}
