import type { MessagePort } from 'node:worker_threads';
import { PlanCache } from '../studies/plan-cache.js';
import { doRun, type RunTask } from './run-result.js';

/** Runs that plan the same, and where their results go. */
export interface Batch {
  readonly tasks: readonly RunTask[];
  readonly port: MessagePort;
}

/** Does the runs of a batch one after the other; each result is sent as soon as it is there. */
export default async function runBatch({ tasks, port }: Batch): Promise<void> {
  const cache = new PlanCache();
  for (const task of tasks) port.postMessage(await doRun(task, cache));
}
