import { InfeasibleDeadlineError } from '../errors.js';
import { staircase } from '../lower-left.js';
import type { FrequencyPlan, FrontierPoint, PlanningProblem, Plans } from './planner.js';
import { pipelineWaitingW } from './planning-problem.js';

/** Plans in a list, slowest first; classes differ in the one that they choose. */
export abstract class ListedPlans implements Plans {
  /** @param plans at least one. */
  protected constructor(protected readonly plans: readonly FrequencyPlan[]) {}

  get pointCount(): number {
    return this.plans.length;
  }

  point(index: number): FrontierPoint {
    const plan = this.plans[index];
    if (plan === undefined) {
      throw new RangeError(`point ${index} of a frontier of ${this.pointCount} points`);
    }
    return { timeS: plan.plannedTimeS, energyJ: plan.plannedEnergyJ };
  }

  get fastest(): FrequencyPlan {
    return this.plans.at(-1)!;
  }

  planAt(deadlineS: number): FrequencyPlan {
    const plan = this.slowestWithin(deadlineS);
    if (plan !== undefined) return plan;
    throw new InfeasibleDeadlineError(deadlineS, this.fastest.plannedTimeS);
  }

  abstract forStraggler(stragglerTimeS: number): FrequencyPlan;

  /** The slowest plan that takes no longer. */
  protected slowestWithin(timeS: number): FrequencyPlan | undefined {
    return this.plans.find(({ plannedTimeS }) => plannedTimeS <= timeS);
  }
}

/**
 * The plans of a planner that tries a few and keeps those that no other beats on both time and
 * energy, slowest first.
 */
export class PlanList extends ListedPlans {
  /**
   * @param tried at least one.
   * @param waitingPowerW of the whole pipeline while it waits; used to choose a plan for a
   *   straggler.
   */
  constructor(
    tried: readonly FrequencyPlan[],
    private readonly waitingPowerW: number,
  ) {
    super(
      staircase(
        tried,
        (plan) => plan.plannedTimeS,
        (plan) => plan.plannedEnergyJ,
      ).reverse(),
    );
  }

  /**
   * The plan that uses the least energy until the straggler is done, waiting included; the fastest
   * plan if none fits.
   */
  forStraggler(stragglerTimeS: number): FrequencyPlan {
    const untilThenJ = ({ plannedTimeS, plannedEnergyJ }: FrequencyPlan) =>
      plannedEnergyJ + this.waitingPowerW * (stragglerTimeS - plannedTimeS);
    const inTime = this.plans.filter(({ plannedTimeS }) => plannedTimeS <= stragglerTimeS);
    return inTime.reduce(
      (best, plan) => (untilThenJ(plan) < untilThenJ(best) ? plan : best),
      inTime.at(-1) ?? this.fastest,
    );
  }
}

/**
 * The answer of a planner that tries a few plans and keeps those that no other beats on both time
 * and energy. For a deadline it is the cheapest plan that meets it; for a straggler, the plan that
 * uses the least energy until the straggler is done, waiting included.
 *
 * @param tried at least one plan, in any order.
 * @throws RangeError if there is none.
 *
 * @example
 * ```ts
 * import { planList, planOfOptions, type PlannerModule } from 'pipewatt/planner';
 *
 * const name = 'one clock for all';
 * export const planner: PlannerModule = {
 *   name,
 *   plan: (problem) => {
 *     const { dag, operations } = problem;
 *     const plans = operations[0]!.allOptions.map(({ frequencyMHz }) =>
 *       planOfOptions(name, problem, (i) => {
 *         const { allOptions } = operations[dag.operation[i]!]!;
 *         return allOptions.find((option) => option.frequencyMHz <= frequencyMHz)!;
 *       }),
 *     );
 *     return planList(plans, problem);
 *   },
 * };
 * ```
 */
export function planList(tried: readonly FrequencyPlan[], problem: PlanningProblem): Plans {
  if (tried.length === 0) throw new RangeError('a list of plans needs at least one plan');
  return new PlanList(tried, pipelineWaitingW(problem));
}
