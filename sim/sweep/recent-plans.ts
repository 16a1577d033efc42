import { PlanCache, planningKey } from '../studies/plan-cache.js';
import type { Scenario } from '../studies/scenario-schema.js';

/**
 * What one thread planned last. Batches of runs that plan the same come one after the other, so that
 * a thread plans each frontier once, and holds no more than one set of them in memory.
 */
export class RecentPlans {
  private key: string | undefined;
  private cache = new PlanCache();

  /** Plans for a scenario; those of other planning problems are forgotten. */
  cacheFor(scenario: Scenario): PlanCache {
    const key = planningKey(scenario);
    if (key !== this.key) this.cache = new PlanCache();
    this.key = key;
    return this.cache;
  }
}
