import type { Planner } from '../planner.js';
import { StoredFrontier } from './stored-frontier.js';

/**
 * Perseus (SOSP '24): the exact time–energy frontier of a pipeline. Without a straggler a job runs
 * the plan at T_min; with a straggler at T', it runs the plan at min(T', T*).
 *
 * @example
 * ```ts
 * import { perseus, type PlannerModule } from 'pipewatt/planner';
 *
 * export const planner: PlannerModule = { ...perseus, name: 'mine' };
 * ```
 */
export const perseus: Planner = {
  name: 'perseus',
  plan: (problem, onProgress) => new StoredFrontier('perseus', problem, onProgress),
};
