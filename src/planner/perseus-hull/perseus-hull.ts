import type { Planner } from '../planner.js';
import { HullFrontier } from './hull-frontier.js';

/**
 * Perseus on the measurements instead of a curve fitted to them. The frontier lies on the convex
 * hull of the clocks' exact times and energies, in ticks far finer than the profile's; clocks are
 * then chosen to meet the deadline in exact times and to use up the time left by rounding. The
 * planned times and energies are exactly those of the chosen clocks.
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
