import { InfeasibleDeadlineError } from '../../errors.js';
import { lowerHull } from '../../lower-left.js';
import { secondsFromTicks, ticksFromSeconds } from '../../units.js';
import { frontierExcess, frontierSize } from '../perseus/frontier-size.js';
import { frontierOutline } from '../perseus/outline.js';
import { perseus } from '../perseus/perseus.js';
import type { FrequencyPlan, FrontierPoint, Planner, PlanningProblem, Plans } from '../planner.js';
import { lengthRange, perseusPlanWithin } from './deadline-plan.js';

/** The cost of a plan for one deadline, in visits of each instruction, as in `FrontierSize`. */
const VISITS_PER_DEADLINE = 200;
/** A frontier of fewer visits is drawn from all its points; that takes a tenth of a second. */
const QUICK_VISITS = 3e5;

/**
 * The plans of `perseus`, made when asked for: for single deadlines alone, until these have cost as
 * much as the whole frontier would; then, or when its points are asked for, from the frontier. Few plans
 * take little time, and many at most twice as long as the frontier.
 */
export class PlansOnDemand implements Plans {
  readonly pointCount: number;
  private readonly isQuick: boolean;
  private readonly fastestTicks: number;
  private readonly slowestTicks: number;
  private readonly known = new Map<number, FrequencyPlan>();
  /** The number of deadlines that cost as much as the frontier. */
  private readonly mostDeadlines: number;
  private whole: Plans | undefined;
  private outline: readonly FrontierPoint[] | undefined;

  constructor(private readonly problem: PlanningProblem) {
    const { fastestTicks, slowestTicks } = lengthRange(problem);
    this.fastestTicks = fastestTicks;
    this.slowestTicks = slowestTicks;
    this.pointCount = 1 + slowestTicks - fastestTicks;
    const perDeadline = VISITS_PER_DEADLINE * problem.dag.instructionCount;
    // A frontier that does not fit into memory is never planned.
    const isStorable = frontierExcess(problem) <= 1;
    const { visits } = frontierSize(problem);
    this.isQuick = isStorable && visits < QUICK_VISITS;
    this.mostDeadlines = isStorable ? visits / perDeadline : Infinity;
  }

  point(index: number): FrontierPoint {
    return this.frontier().point(index);
  }

  /**
   * Points to draw the frontier from: its own if it has been planned or is planned at once, else the
   * plans made so far and an outline between them (`frontierOutline`).
   *
   * @param most points of equal steps of time.
   * @returns slowest first; convex.
   */
  drawn(most: number): FrontierPoint[] {
    if (this.whole !== undefined || this.isQuick) return thinned(this.frontier(), most);
    const { fastestTicks, slowestTicks } = this;
    for (const end of [fastestTicks, slowestTicks]) this.planOf(end);
    this.outline ??= frontierOutline(this.problem, most);
    const byTime = new Map(this.outline.map(({ timeS, energyJ }) => [timeS, energyJ]));
    for (const { plannedTimeS, plannedEnergyJ } of this.known.values()) {
      byTime.set(plannedTimeS, plannedEnergyJ);
    }
    const points = [...byTime].sort(([a], [b]) => a - b).map(([x, y]) => ({ x, y }));
    return lowerHull(points)
      .map(({ x, y }) => ({ timeS: x, energyJ: y }))
      .reverse();
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

/** Every n-th point, with both ends. */
export function thinned(plans: Plans, most: number): FrontierPoint[] {
  const last = plans.pointCount - 1;
  const count = Math.min(plans.pointCount, most);
  return Array.from({ length: count }, (_, k) =>
    plans.point(count === 1 ? 0 : Math.round((k * last) / (count - 1))),
  );
}

/** Plans like `perseus`, the same to the last digit, but only when a plan is asked for. */
export const perseusOnDemand: Planner = {
  name: 'perseus',
  plan: (problem) => new PlansOnDemand(problem),
};
