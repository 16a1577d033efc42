import type { Planner } from '../planner.js';
import { HullFrontier } from './hull-frontier.js';

/**
 * Perseus on what was measured instead of a curve fitted to it: the frontier on the convex hull of
 * the clocks' exact times and energies, in ticks far finer than the profile's, and clocks chosen so
 * that the deadline is kept in exact times and what rounding leaves over is used. Plans promise
 * what they do: their times and energies are those of their clocks.
 *
 * @example
 * ```ts
 * import { perseusHull, type PlannerModule } from 'pipewatt/planner';
 *
 * export const planner: PlannerModule = { ...perseusHull, name: 'mine' };
 * ```
 */
export const perseusHull: Planner = {
  name: 'perseus-hull',
  plan: (problem, onProgress) => new HullFrontier(problem, onProgress),
};
