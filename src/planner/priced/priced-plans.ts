import { InfeasibleDeadlineError } from '../../errors.js';
import { clockFor } from '../../profile/operation-costs.js';
import { percent, secondsFromTicks, ticksFromSeconds } from '../../units.js';
import type { CostVertices } from '../oracle.js';
import { perseusPlanAt } from '../deadline/deadline-plan.js';
import { pathBound } from '../path-bound/path-bound.js';
import { pipelineEnergyJ, pipelineWaitingW } from '../planning-problem.js';
import type { FrequencyPlan, FrontierPoint, PlanningProblem, Plans } from '../planner.js';
import { DeadlineFit } from './within-deadline.js';

/** A plan, and the least energy that any plan of the problem has within the same deadline. */
interface BoundedPlan {
  readonly plan: FrequencyPlan;
  readonly deadlineS: number;
  /** The bound, with waiting until the deadline. */
  readonly leastJ: number;
}

/**
 * Plans of the problem that `perseus` solves, each made on demand for its deadline, without a
 * frontier: prices on paths (`pathBound`) give durations near the cheapest ones and the least energy
 * that is possible; the durations are then fitted into the deadline. O(effort) per deadline,
 * whatever the number of ticks.
 *
 * The durations, costs and ticks are those of the problem, so that a plan never uses less planned
 * energy than the frontier's and never more than `leastJ` allows it to be above that.
 */
export class PricedPlans implements Plans {
  /** The slowest and the fastest; any deadline between them has its plan. */
  readonly pointCount: number;
  private readonly fit: DeadlineFit;
  private readonly costs: readonly CostVertices[];
  private readonly known = new Map<number, BoundedPlan>();

  /**
   * @param planner the name that its plans carry.
   * @param effort visits of instructions for one deadline; Infinity for the frontier's own plans.
   */
  constructor(
    private readonly planner: string,
    private readonly problem: PlanningProblem,
    private readonly effort: number,
  ) {
    this.fit = new DeadlineFit(problem);
    this.costs = problem.operations.map(({ minTicks, costJ }) =>
      Array.from(costJ, (cost, k) => ({ duration: minTicks + k, costJ: cost })),
    );
    this.pointCount = this.fit.slowestTicks > this.fit.fastestTicks ? 2 : 1;
  }

  point(index: number): FrontierPoint {
    if (!(Number.isInteger(index) && index >= 0 && index < this.pointCount)) {
      throw new RangeError(`point ${index} of a frontier of ${this.pointCount} points`);
    }
    const { slowestTicks, fastestTicks } = this.fit;
    const plan = this.planOf(index === this.pointCount - 1 ? fastestTicks : slowestTicks);
    return { timeS: plan.plannedTimeS, energyJ: plan.plannedEnergyJ };
  }

  planAt(deadlineS: number): FrequencyPlan {
    const { unitTimeS } = this.problem;
    const ticks = ticksFromSeconds(deadlineS, unitTimeS);
    if (ticks >= this.fit.fastestTicks) return this.planOf(ticks);
    throw new InfeasibleDeadlineError(
      deadlineS,
      secondsFromTicks(this.fit.fastestTicks, unitTimeS),
    );
  }

  get fastest(): FrequencyPlan {
    return this.planOf(this.fit.fastestTicks);
  }

  forStraggler(stragglerTimeS: number): FrequencyPlan {
    return this.planOf(ticksFromSeconds(stragglerTimeS, this.problem.unitTimeS));
  }

  /**
   * The most by which the planned energy of any plan made so far exceeds the least that is possible
   * within its deadline, percent of a baseline that waits until then.
   */
  excessPct({ plannedTimeS, plannedEnergyJ }: FrequencyPlan): number {
    const waitingW = pipelineWaitingW(this.problem);
    const excesses = [...this.known.values()].map(({ plan, deadlineS, leastJ }) => {
      const planJ = plan.plannedEnergyJ + waitingW * (deadlineS - plan.plannedTimeS);
      const baseJ = plannedEnergyJ + waitingW * Math.max(0, deadlineS - plannedTimeS);
      return percent(planJ - leastJ, baseJ);
    });
    return excesses.reduce((most, excess) => Math.max(most, excess), 0);
  }

  private planOf(within: number): FrequencyPlan {
    const { fastestTicks, slowestTicks } = this.fit;
    const ticks = Math.max(fastestTicks, Math.min(within, slowestTicks));
    const found = this.known.get(ticks) ?? this.made(ticks);
    this.known.set(ticks, found);
    return found.plan;
  }

  private made(ticks: number): BoundedPlan {
    const { problem, costs, fit } = this;
    if (this.effort === Infinity) return this.exact(ticks);
    const { dag, operations, unitTimeS } = problem;
    const lags = problem.lags === undefined ? {} : { lags: problem.lags.ticks };
    const bound = pathBound({ dag, costs, ...lags }, ticks, this.effort);
    const durationTicks = fit.within(bound.duration, ticks);
    const plannedTimeS = secondsFromTicks(fit.lengthOf(durationTicks), unitTimeS);
    const deadlineS = secondsFromTicks(ticks, unitTimeS);
    const plan: FrequencyPlan = {
      planner: this.planner,
      plannedTimeS,
      plannedEnergyJ: pipelineEnergyJ(problem, fit.costJ(durationTicks), plannedTimeS),
      durationTicks,
      frequencyMHz: Float64Array.from(
        durationTicks,
        (duration, i) => clockFor(operations[dag.operation[i]!]!, duration).frequencyMHz,
      ),
    };
    return { plan, deadlineS, leastJ: pipelineEnergyJ(problem, bound.leastJ, deadlineS) };
  }

  private exact(ticks: number): BoundedPlan {
    const deadlineS = secondsFromTicks(ticks, this.problem.unitTimeS);
    const plan = { ...perseusPlanAt(this.problem, deadlineS), planner: this.planner };
    return { plan, deadlineS, leastJ: plan.plannedEnergyJ };
  }
}
