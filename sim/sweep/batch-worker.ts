import type { MessagePort } from 'node:worker_threads';
import { RecentPlans } from './recent-plans.js';
import { doRun, type RunTask } from './run-result.js';

/** Runs that plan the same, and where their results go. */
export interface Batch {
  readonly tasks: readonly RunTask[];
  readonly port: MessagePort;
}

/** Of this thread, for as long as it lives. */
const plans = new RecentPlans();

/**
 * Does the runs of a batch one after the other; each result is sent as soon as it is there. The port
 * is closed after the last one.
 */
export default async function runBatch({ tasks, port }: Batch): Promise<void> {
  for (const task of tasks) port.postMessage(await doRun(task, plans.cacheFor(task.scenario)));
  port.close();
}
