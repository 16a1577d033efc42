import type { Planner } from '../planner.js';
import { FlatPlans } from './flat-plans.js';

/** The energy that flatness may cost unless told otherwise, percent of the least. */
const WITHIN_PCT = 1;

/**
 * Perseus for a flat load: within 1 % of the least energy in the same time, the clocks with which
 * the pipeline's power swings least.
 *
 * Minimised is the variance over time of the power of all the pipeline's GPUs, from one iteration's
 * beginning to the next: instructions draw their mean power as early as they can run, everything else
 * draws blocking power. The period is the deadline, or the straggler's time, which all pipelines of
 * a job end with. What happens after they have met (gradients, optimizer) is the same with any clocks
 * and is not seen. The least energy is that of the best plan known without regard to the swing
 * (like `perseus-hull`'s), waiting until the deadline included.
 *
 * No frontier is planned. A deadline takes a handful of flow problems, and a search of at most some
 * ten million visits of instructions: 0.5 to 2 s for 8 stages × 96 microbatches.
 *
 * @example
 * ```ts
 * import { perseusFlat, type PlannerModule } from 'pipewatt/planner';
 *
 * export const planner: PlannerModule = { ...perseusFlat, name: 'mine' };
 * ```
 */
export const perseusFlat: Planner = flatWithin('perseus-flat', WITHIN_PCT);

/**
 * A planner of flat plans that may cost more, or less, energy than `perseusFlat`'s.
 *
 * @param withinPct the energy that flatness may cost, percent of the least; 0 or more.
 *
 * @example
 * ```ts
 * import { flatWithin, type PlannerModule } from 'pipewatt/planner';
 *
 * export const planner: PlannerModule = flatWithin('flat within 3 %', 3);
 * ```
 */
export function flatWithin(name: string, withinPct: number): Planner {
  if (!(withinPct >= 0 && withinPct < Infinity)) {
    throw new RangeError(`found ${withinPct} % of the least energy, expected 0 or more`);
  }
  return { name, plan: (problem) => new FlatPlans(name, problem, withinPct) };
}
