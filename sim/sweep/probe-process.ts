import { serveParent } from '../processes/serve.js';
import { PlanCache } from '../run/plan-cache.js';
import type { Probe } from './probe.js';
import { doRun, type RunTask } from './run-result.js';

/** A contained process that executes a run twice: with planning, then with those plans. */
serveParent(async (task): Promise<Probe> => {
  const run = task as RunTask;
  const cache = new PlanCache();
  const startMs = performance.now();
  const { error } = await doRun(run, cache);
  const middleMs = performance.now();
  await doRun(run, cache);
  const runningMs = performance.now() - middleMs;
  return { planningMs: Math.max(0, middleMs - startMs - runningMs), runningMs, error };
});
