import { serveParent } from '../processes/serve.js';
import { PlanCache } from '../run/plan-cache.js';
import type { Probe, ProbePair } from './probe.js';
import { doRun } from './run-result.js';

/** A contained process that executes two runs: with planning, then with those plans. */
serveParent(async (pair): Promise<Probe> => {
  const [run, other] = pair as ProbePair;
  const cache = new PlanCache();
  const startMs = performance.now();
  const { error } = await doRun(run, cache);
  const middleMs = performance.now();
  await doRun(other, cache);
  const runningMs = performance.now() - middleMs;
  return { planningMs: Math.max(0, middleMs - startMs - runningMs), runningMs, error };
});
