import { least } from '../../extremes.js';
import { InfeasibleDeadlineError } from '../../errors.js';
import { pathTimes } from '../../pipeline/critical-path.js';
import type { FrequencyPlan, FrontierPoint, PlanningProblem, Plans } from '../planner.js';
import { pipelineEnergyJ, pipelineWaitingW } from '../planning-problem.js';
import { flatChoices, type FlatChoices } from './flat-choices.js';
import { FlattestChoice } from './flattest-choice.js';

/** Points of the displayed frontier; any deadline has a plan of its own. */
const SHOWN_POINTS = 9;
/** Later stragglers get the plan for this many times the time at the slowest clocks. */
const LONGEST_PERIOD = 10;
/** Deadlines are met up to the difference between sums of the same times along different paths. */
const ROUNDING = 1e-12;

/** Plans whose power swings least, each made on demand for its deadline, without a frontier. */
export class FlatPlans implements Plans {
  readonly pointCount: number;
  private readonly choices: readonly FlatChoices[];
  private readonly flattest: FlattestChoice;
  private readonly fastestS: number;
  /** T*: the time at the clocks of least energy; more of it saves nothing. */
  private readonly cheapestS: number;
  /** The time at the slowest clocks. */
  private readonly slowestS: number;
  private readonly known = new Map<number, FrequencyPlan>();

  /**
   * @param planner the name that its plans carry.
   * @param withinPct the energy that flatness may cost, percent of the least.
   */
  constructor(
    private readonly planner: string,
    private readonly problem: PlanningProblem,
    withinPct: number,
  ) {
    const { operations, blockingPowerW } = problem;
    this.choices = operations.map((operation) => flatChoices(operation, blockingPowerW));
    this.flattest = new FlattestChoice(problem, this.choices, withinPct);
    this.fastestS = this.lengthOf(() => 0);
    this.slowestS = this.lengthOf(({ timeS }) => timeS.length - 1);
    this.cheapestS = this.lengthOf(({ effectiveJ }) => effectiveJ.indexOf(least(effectiveJ)));
    this.pointCount = this.cheapestS > this.fastestS ? SHOWN_POINTS : 1;
  }

  /** The time between iterations, and the energy with waiting until then. */
  point(index: number): FrontierPoint {
    if (!(Number.isInteger(index) && index >= 0 && index < this.pointCount)) {
      throw new RangeError(`point ${index} of a frontier of ${this.pointCount} points`);
    }
    const part = this.pointCount === 1 ? 1 : index / (this.pointCount - 1);
    const timeS =
      part === 1 ? this.fastestS : this.cheapestS + part * (this.fastestS - this.cheapestS);
    const { plannedTimeS, plannedEnergyJ } = this.forStraggler(timeS);
    const waitingJ = pipelineWaitingW(this.problem) * Math.max(0, timeS - plannedTimeS);
    return { timeS, energyJ: plannedEnergyJ + waitingJ };
  }

  planAt(deadlineS: number): FrequencyPlan {
    if (!(deadlineS >= this.fastestS * (1 - ROUNDING))) {
      throw new InfeasibleDeadlineError(deadlineS, this.fastestS);
    }
    // Nothing is waited for: the next iteration may begin as soon as more time saves nothing.
    return this.forStraggler(Math.min(deadlineS, this.cheapestS));
  }

  get fastest(): FrequencyPlan {
    return this.forStraggler(this.fastestS);
  }

  forStraggler(stragglerTimeS: number): FrequencyPlan {
    const latestS = LONGEST_PERIOD * this.slowestS;
    const periodS = Math.max(this.fastestS, Math.min(stragglerTimeS, latestS));
    const plan = this.known.get(periodS) ?? this.planOf(this.flattest.within(periodS));
    this.known.set(periodS, plan);
    return plan;
  }

  private planOf(choice: Int32Array): FrequencyPlan {
    const { dag, lags } = this.problem;
    const options = Array.from(choice, (k, i) => this.choices[dag.operation[i]!]!.options[k]!);
    const timeS = Float64Array.from(options, (option) => option.timeS);
    const plannedTimeS = pathTimes(dag, timeS, lags?.exactS).length;
    const effectiveJ = choice.reduce(
      (sumJ, k, i) => sumJ + this.choices[dag.operation[i]!]!.effectiveJ[k]!,
      0,
    );
    return {
      planner: this.planner,
      plannedTimeS,
      plannedEnergyJ: pipelineEnergyJ(this.problem, effectiveJ, plannedTimeS),
      durationTicks: Int32Array.from(options, ({ durationTicks }) => durationTicks),
      frequencyMHz: Float64Array.from(options, ({ frequencyMHz }) => frequencyMHz),
    };
  }

  private lengthOf(choiceOf: (choices: FlatChoices) => number): number {
    const { dag, lags } = this.problem;
    const times = this.choices.map((choices) => choices.timeS[choiceOf(choices)]!);
    const timeS = Float64Array.from(dag.operation, (op) => times[op]!);
    return pathTimes(dag, timeS, lags?.exactS).length;
  }
}
