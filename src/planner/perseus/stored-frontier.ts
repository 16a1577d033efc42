import { InfeasibleDeadlineError } from '../../errors.js';
import { pathTimes } from '../../pipeline/critical-path.js';
import type { OperationCosts } from '../../profile/operation-costs.js';
import { secondsFromTicks, ticksFromSeconds } from '../../units.js';
import type {
  FrequencyPlan,
  FrontierPoint,
  PlanningProblem,
  PlanningProgress,
  Plans,
} from '../planner.js';
import { pipelineEnergyJ } from '../planning-problem.js';
import { planOfTicks } from '../tick-plan.js';
import { frontierSteps } from './frontier-steps.js';
import { StepLog } from './step-log.js';

/** Progress is reported every this many steps. */
const STEPS_PER_REPORT = 256;

/**
 * A whole frontier in little memory (see `StepLog`). Points are one tick apart, slowest first;
 * point k lasts `slowestTicks − k` ticks.
 */
export class StoredFrontier implements Plans {
  readonly pointCount: number;
  /** T*: every instruction at its cheapest speed. */
  readonly slowestTicks: number;
  /** T_min: every critical path as fast as possible. */
  readonly fastestTicks: number;
  private readonly steps: StepLog;

  /** Runs the solver to the end. */
  constructor(
    private readonly planner: string,
    private readonly problem: PlanningProblem,
    onProgress: PlanningProgress = () => undefined,
  ) {
    const { dag, operations, lags } = problem;
    const durations = (ticksOf: (operation: OperationCosts) => number) =>
      Int32Array.from(dag.operation, (op) => ticksOf(operations[op]!));
    const shortestTicks = pathTimes(
      dag,
      durations((op) => op.minTicks),
      lags?.ticks,
    ).length;
    const walk = frontierSteps(problem);
    const start = walk.next().value!;
    this.steps = new StepLog(
      durations((op) => op.maxTicks),
      start,
    );
    const totalTicks = start.lengthTicks - shortestTicks || 1;
    for (const step of walk) {
      this.steps.add(step);
      if (this.steps.stepCount % STEPS_PER_REPORT === 0) {
        onProgress(1 - (step.lengthTicks - shortestTicks) / totalTicks);
      }
    }
    this.slowestTicks = this.steps.slowestTicks;
    this.fastestTicks = this.steps.fastestTicks;
    this.pointCount = this.slowestTicks - this.fastestTicks + 1;
  }

  point(index: number): FrontierPoint {
    if (!(Number.isInteger(index) && index >= 0 && index < this.pointCount)) {
      throw new RangeError(`point ${index} of a frontier of ${this.pointCount} points`);
    }
    const ticks = this.slowestTicks - index;
    return {
      timeS: secondsFromTicks(ticks, this.problem.unitTimeS),
      energyJ: this.energyAt(ticks),
    };
  }

  planAt(deadlineS: number): FrequencyPlan {
    const ticks = ticksFromSeconds(deadlineS, this.problem.unitTimeS);
    if (!(ticks >= this.fastestTicks)) {
      throw new InfeasibleDeadlineError(
        deadlineS,
        secondsFromTicks(this.fastestTicks, this.problem.unitTimeS),
      );
    }
    return this.planOf(Math.min(ticks, this.slowestTicks));
  }

  get fastest(): FrequencyPlan {
    return this.planOf(this.fastestTicks);
  }

  forStraggler(stragglerTimeS: number): FrequencyPlan {
    const ticks = ticksFromSeconds(stragglerTimeS, this.problem.unitTimeS);
    return this.planOf(Math.max(Math.min(ticks, this.slowestTicks), this.fastestTicks));
  }

  private energyAt(ticks: number): number {
    const timeS = secondsFromTicks(ticks, this.problem.unitTimeS);
    return pipelineEnergyJ(this.problem, this.steps.energyAt(ticks), timeS);
  }

  private planOf(ticks: number): FrequencyPlan {
    return planOfTicks(this.planner, this.problem, this.durationsAt(ticks), ticks);
  }

  /** Durations of the point with this many ticks. */
  durationsAt(ticks: number): Int32Array {
    return this.steps.durationsAt(ticks);
  }
}
