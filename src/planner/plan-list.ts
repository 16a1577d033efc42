import { InfeasibleDeadlineError } from '../errors.js';
import { staircase } from '../lower-left.js';
import type { FrequencyPlan, FrontierPoint, Plans } from './planner.js';

/**
 * The plans of a planner that tries a few and keeps those that no other one beats on both time and
 * energy, slowest first.
 */
export class PlanList implements Plans {
  private readonly plans: readonly FrequencyPlan[];

  /**
   * @param tried at least one.
   * @param waitingPowerW of the whole pipeline while it waits, for choosing under a straggler.
   */
  constructor(
    tried: readonly FrequencyPlan[],
    private readonly waitingPowerW: number,
  ) {
    this.plans = staircase(
      tried,
      (plan) => plan.plannedTimeS,
      (plan) => plan.plannedEnergyJ,
    ).reverse();
  }

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
    const plan = this.plans.find(({ plannedTimeS }) => plannedTimeS <= deadlineS);
    if (plan === undefined) {
      throw new InfeasibleDeadlineError(deadlineS, this.fastest.plannedTimeS);
    }
    return plan;
  }

  /** The plan that uses least until the straggler is done, waiting included; else the fastest. */
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
