import { PlanCache } from '../run/plan-cache.js';
import type { RunTask } from './run-result.js';

/**
 * The plans that a process made last. Batches of runs that plan the same come one after the other, so
 * that a process plans each frontier once, and holds no more than one set of them in memory.
 */
export class RecentPlans {
  private frontier: string | undefined;
  private cache = new PlanCache();

  /** Plans for a run; those of other planning problems are forgotten. */
  cacheFor({ frontier }: Pick<RunTask, 'frontier'>): PlanCache {
    if (frontier !== this.frontier) this.cache = new PlanCache();
    this.frontier = frontier;
    return this.cache;
  }
}
