import type { FrequencyPlan, PlanningProblem } from '../../src/planner/planner.js';
import { ListedPlans } from '../../src/planner/plan-list.js';
import { pipelineWaitingW } from '../../src/planner/planning-problem.js';

/** Costs that differ by less are the same, in parts of the energy: sums are rounded. */
const ROUNDING = 1e-12;
/** Times are whole ticks, but for rounding, in ticks. */
const SAME_TIME_TICKS = 1e-9;

/**
 * Plans from elsewhere, slowest first, without those that cost no less than a faster one does while
 * it waits.
 */
export class GivenFrontier extends ListedPlans {
  /** @param given at least one. */
  constructor(
    given: readonly FrequencyPlan[],
    private readonly problem: PlanningProblem,
  ) {
    super(worthRunning(given, pipelineWaitingW(problem)));
  }

  forStraggler(stragglerTimeS: number): FrequencyPlan {
    return this.slowestWithin(stragglerTimeS) ?? this.fastest;
  }

  protected override slowestWithin(timeS: number): FrequencyPlan | undefined {
    return super.slowestWithin(timeS + SAME_TIME_TICKS * this.problem.unitTimeS);
  }
}

/** Each plan that costs no more, beyond waiting, than all faster ones; slowest first. */
function worthRunning(given: readonly FrequencyPlan[], waitingW: number): FrequencyPlan[] {
  const effectiveJ = ({ plannedEnergyJ, plannedTimeS }: FrequencyPlan) =>
    plannedEnergyJ - waitingW * plannedTimeS;
  const fastestFirst = [...given].sort(
    (a, b) => a.plannedTimeS - b.plannedTimeS || effectiveJ(a) - effectiveJ(b),
  );
  let last: FrequencyPlan | undefined;
  return fastestFirst
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
