import type { Planner } from './planner.js';
import { PlanList } from './plan-list.js';
import { pipelineWaitingW } from './planning-problem.js';
import { optionUnderLimit, powerLimits } from './power-limit.js';
import { planOfOptions } from './single-plan.js';

/**
 * Zeus (NSDI '23) with one power limit for all GPUs, swept from the highest to the lowest. It
 * trades time for energy without regard to which stage is heavy.
 *
 * @example
 * ```ts
 * import { zeusGlobal, type PlannerModule } from 'pipewatt/planner';
 *
 * export const planner: PlannerModule = { ...zeusGlobal, name: 'mine' };
 * ```
 */
export const zeusGlobal: Planner = {
  name: 'zeus-global',
  plan: (problem) => {
    const { dag, operations } = problem;
    const plans = powerLimits(problem).map((limitW) => {
      const options = operations.map((operation) => optionUnderLimit(operation, limitW));
      return planOfOptions('zeus-global', problem, (i) => options[dag.operation[i]!]!);
    });
    return new PlanList(plans, pipelineWaitingW(problem));
  },
};
