import { serveParent } from '../processes/serve.js';
import { RecentPlans } from './recent-plans.js';
import { doRun, type RunTask } from './run-result.js';

/** A contained process of a sweep: does the runs of a batch one after the other, and tells each result. */
const plans = new RecentPlans();

serveParent(async (tasks, tell) => {
  for (const task of tasks as readonly RunTask[])
    await tell(await doRun(task, plans.cacheFor(task)));
});
