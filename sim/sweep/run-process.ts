import { serveParent } from '../processes/serve.js';
import { RecentPlans } from './recent-plans.js';
import { doRun, type RunTask } from './run-result.js';

/** A contained process of a sweep: executes the runs of a batch in order, and reports each result. */
const plans = new RecentPlans();

serveParent(async (tasks, tell) => {
  for (const task of tasks as readonly RunTask[])
    await tell(await doRun(task, plans.cacheFor(task)));
});
