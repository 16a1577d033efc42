import { highestClock } from '../profile/operation-costs.js';
import type { Planner } from './planner.js';
import { planOfOptions, SinglePlan } from './single-plan.js';

/**
 * Every instruction at the highest clock, as in a job without a planner.
 *
 * @example
 * ```ts
 * import { maxFrequency, type PlannerModule } from 'pipewatt/planner';
 *
 * export const planner: PlannerModule = { ...maxFrequency, name: 'mine' };
 * ```
 */
export const maxFrequency: Planner = {
  name: 'max-frequency',
  plan: (problem) => {
    const highest = problem.operations.map(highestClock);
    return new SinglePlan(
      planOfOptions('max-frequency', problem, (i) => highest[problem.dag.operation[i]!]!),
    );
  },
};
