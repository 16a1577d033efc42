import { InfeasibleDeadlineError } from '../../errors.js';
import { secondsFromTicks, ticksFromSeconds } from '../../units.js';
import { frontierExcess, frontierSize } from '../perseus/frontier-size.js';
import { perseus } from '../perseus/perseus.js';
import type { FrequencyPlan, FrontierPoint, Planner, PlanningProblem, Plans } from '../planner.js';
import { lengthRange, perseusPlanWithin } from './deadline-plan.js';

/** The cost of a plan for one deadline, in visits of each instruction, as in `FrontierSize`. */
const VISITS_PER_DEADLINE = 200;

/**
 * The plans of `perseus`, made when asked for: for single deadlines alone, until these have cost as
 * much as the whole frontier would; then, or when its points are asked for, from the frontier. Few plans
 * take little time, and many at most twice as long as the frontier.
 */
class PlansOnDemand implements Plans {
  readonly pointCount: number;
  private readonly fastestTicks: number;
  private readonly slowestTicks: number;
  private readonly known = new Map<number, FrequencyPlan>();
  /** The number of deadlines that cost as much as the frontier. */
  private readonly mostDeadlines: number;
  private whole: Plans | undefined;

  constructor(private readonly problem: PlanningProblem) {
    const { fastestTicks, slowestTicks } = lengthRange(problem);
    this.fastestTicks = fastestTicks;
    this.slowestTicks = slowestTicks;
    this.pointCount = 1 + slowestTicks - fastestTicks;
    const perDeadline = VISITS_PER_DEADLINE * problem.dag.instructionCount;
    // A frontier that does not fit into memory is never planned.
    const isStorable = frontierExcess(problem) <= 1;
    this.mostDeadlines = isStorable ? frontierSize(problem).visits / perDeadline : Infinity;
  }

  point(index: number): FrontierPoint {
    return this.frontier().point(index);
  }

  planAt(deadlineS: number): FrequencyPlan {
    const { unitTimeS } = this.problem;
    const ticks = ticksFromSeconds(deadlineS, unitTimeS);
    if (ticks >= this.fastestTicks) return this.planOf(ticks);
    throw new InfeasibleDeadlineError(deadlineS, secondsFromTicks(this.fastestTicks, unitTimeS));
  }

  get fastest(): FrequencyPlan {
    return this.planOf(this.fastestTicks);
  }

  forStraggler(stragglerTimeS: number): FrequencyPlan {
    return this.planOf(ticksFromSeconds(stragglerTimeS, this.problem.unitTimeS));
  }

  private planOf(within: number): FrequencyPlan {
    const ticks = Math.max(this.fastestTicks, Math.min(within, this.slowestTicks));
    const found = this.known.get(ticks) ?? this.made(ticks);
    this.known.set(ticks, found);
    // As of a frontier: every call has a plan of its own.
    return { ...found };
  }

  private made(ticks: number): FrequencyPlan {
    if (this.whole === undefined && this.known.size < this.mostDeadlines) {
      return perseusPlanWithin(this.problem, ticks);
    }
    return this.frontier().planAt(secondsFromTicks(ticks, this.problem.unitTimeS));
  }

  private frontier(): Plans {
    return (this.whole ??= perseus.plan(this.problem));
  }
}

/** Plans like `perseus`, the same to the last digit, but only when a plan is asked for. */
export const perseusOnDemand: Planner = {
  name: 'perseus',
  plan: (problem) => new PlansOnDemand(problem),
};
