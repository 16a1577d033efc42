import { PlanCache } from '../run/plan-cache.js';
import type { RunTask } from './run-result.js';

/**
 * The latest plans of a process. Batches with the same planning problem come one after the other, so
 * a process plans each frontier once, and keeps only one set of them in memory.
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
