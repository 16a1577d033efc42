import { InfeasibleDeadlineError } from '../../src/errors.js';
import type {
  FrequencyPlan,
  FrontierPoint,
  PlanningProblem,
  Plans,
} from '../../src/planner/planner.js';
import { pipelineWaitingW } from '../../src/planner/planning-problem.js';

/** Costs that differ by less are the same, in parts of the energy: sums are rounded. */
const ROUNDING = 1e-12;
/** Times are whole ticks, but for rounding, in ticks. */
const SAME_TIME_TICKS = 1e-9;

/**
 * Plans from elsewhere, slowest first, without those that cost no less than a faster one does while
 * it waits.
 */
export class GivenFrontier implements Plans {
  private readonly plans: readonly FrequencyPlan[];

  /** @param given at least one. */
  constructor(
    given: readonly FrequencyPlan[],
    private readonly problem: PlanningProblem,
  ) {
    const waitingW = pipelineWaitingW(problem);
    const effectiveJ = ({ plannedEnergyJ, plannedTimeS }: FrequencyPlan) =>
      plannedEnergyJ - waitingW * plannedTimeS;
    const fastestFirst = [...given].sort(
      (a, b) => a.plannedTimeS - b.plannedTimeS || effectiveJ(a) - effectiveJ(b),
    );
    let last: FrequencyPlan | undefined;
    this.plans = fastestFirst
      .filter((plan) => {
        const isWorth =
          last === undefined ||
          (plan.plannedTimeS > last.plannedTimeS &&
            effectiveJ(plan) <= effectiveJ(last) + ROUNDING * plan.plannedEnergyJ);
        if (isWorth) last = plan;
        return isWorth;
      })
      .reverse();
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
    const plan = this.slowestWithin(deadlineS);
    if (plan !== undefined) return plan;
    throw new InfeasibleDeadlineError(deadlineS, this.fastest.plannedTimeS);
  }

  forStraggler(stragglerTimeS: number): FrequencyPlan {
    return this.slowestWithin(stragglerTimeS) ?? this.fastest;
  }

  private slowestWithin(timeS: number): FrequencyPlan | undefined {
    const latestS = timeS + SAME_TIME_TICKS * this.problem.unitTimeS;
    return this.plans.find(({ plannedTimeS }) => plannedTimeS <= latestS);
  }
}
