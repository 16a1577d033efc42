import { compensatedSum } from '../../compensated-sum.js';
import { InfeasibleDeadlineError } from '../../errors.js';
import { pathTimes } from '../../pipeline/critical-path.js';
import { clockFor } from '../../profile/operation-costs.js';
import { secondsFromTicks, ticksFromSeconds } from '../../units.js';
import type {
  FrequencyPlan,
  FrontierPoint,
  PlanningProblem,
  PlanningProgress,
  Plans,
} from '../planner.js';
import { MinCutWalk } from './min-cut-walk.js';

/** One step along the frontier, as the solver takes it. */
export interface FrontierStep {
  /** Length of the iteration after the step, in ticks. */
  readonly lengthTicks: number;
  /** How many ticks shorter it is than before the step (0 for the starting point). */
  readonly stepTicks: number;
  /** Σ c(d) over all instructions, one GPU of each stage. */
  readonly effectiveEnergyJ: number;
  /**
   * Instructions whose duration changed by `stepTicks`: `2 · instruction + (1 if slowed down)`.
   * A view that is valid until the next step.
   */
  readonly changed: Int32Array;
}

/**
 * Solves a planning problem step by step, slowest first: the starting point T*, then a step for
 * every tick (or several ticks at once where the cost is linear) down to T_min. Stop whenever you
 * have seen enough. See `MinCutWalk` for the algorithm and its cost.
 */
export function* frontierSteps(problem: PlanningProblem): Generator<FrontierStep, void> {
  const walk = new MinCutWalk(problem);
  const { operations, dag } = problem;
  const energy = compensatedSum();
  for (let i = 0; i < dag.instructionCount; i++) {
    energy.add(operations[dag.operation[i]!]!.costJ.at(-1)!);
  }
  do {
    const changed = walk.changed.subarray(0, walk.changedCount);
    for (const change of changed) {
      const { costJ, minTicks } = operations[dag.operation[change >> 1]!]!;
      const at = walk.durationTicks[change >> 1]! - minTicks;
      const before = (change & 1) === 1 ? at - walk.stepTicks : at + walk.stepTicks;
      energy.add(costJ[at]! - costJ[before]!);
    }
    yield {
      lengthTicks: walk.lengthTicks,
      stepTicks: walk.stepTicks,
      effectiveEnergyJ: energy.value(),
      changed,
    };
  } while (walk.advance());
}

/** A full plan is kept every so many steps; those between are rebuilt from the changes. */
const STEPS_PER_CHECKPOINT = 256;

/**
 * A whole frontier in little memory: what each step changed, and a full plan now and then.
 * Points are one tick apart, slowest first; point k lasts `slowestTicks − k` ticks.
 *
 * Memory O(changes + instructions · steps / 256). A point is found in O(log steps), a plan rebuilt
 * in O(256 · cut size + instructions).
 */
export class StoredFrontier implements Plans {
  readonly pointCount: number;
  /** T*: with everything at its own cheapest speed. */
  readonly slowestTicks: number;
  /** T_min: with everything on every critical path as fast as it can. */
  readonly fastestTicks: number;

  /** Per step: length after it, effective energy after it, end of its changes. */
  private readonly lengthTicks: number[] = [];
  private readonly effectiveEnergyJ: number[] = [];
  private readonly changeEnd: number[] = [];
  private readonly changes: number[] = [];
  private readonly checkpoints: Int32Array[] = [];

  /** Runs the solver to the end. */
  constructor(
    private readonly planner: string,
    private readonly problem: PlanningProblem,
    onProgress: PlanningProgress = () => undefined,
  ) {
    const shortestTicks = pathTimes(
      problem.dag,
      Int32Array.from(problem.dag.operation, (op) => problem.operations[op]!.minTicks),
      problem.lagTicks,
    ).length;
    const duration = Int32Array.from(
      problem.dag.operation,
      (op) => problem.operations[op]!.maxTicks,
    );
    for (const step of frontierSteps(problem)) {
      applyChanges(duration, step.changed, 0, step.changed.length, step.stepTicks);
      if (this.lengthTicks.length % STEPS_PER_CHECKPOINT === 0) {
        this.checkpoints.push(duration.slice());
        const longestTicks = this.lengthTicks[0] ?? step.lengthTicks;
        onProgress(1 - (step.lengthTicks - shortestTicks) / (longestTicks - shortestTicks || 1));
      }
      for (const change of step.changed) this.changes.push(change);
      this.lengthTicks.push(step.lengthTicks);
      this.effectiveEnergyJ.push(step.effectiveEnergyJ);
      this.changeEnd.push(this.changes.length);
    }
    this.slowestTicks = this.lengthTicks[0]!;
    this.fastestTicks = this.lengthTicks.at(-1)!;
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

  forStraggler(stragglerTimeS: number): FrequencyPlan {
    const ticks = ticksFromSeconds(stragglerTimeS, this.problem.unitTimeS);
    return this.planOf(Math.max(Math.min(ticks, this.slowestTicks), this.fastestTicks));
  }

  /** The step that brings the length down to `ticks` or below: first one not longer. */
  private stepOf(ticks: number): number {
    let low = 0;
    let high = this.lengthTicks.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.lengthTicks[middle]! <= ticks) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Within a step of several ticks the cost is linear. */
  private energyAt(ticks: number): number {
    const { dag, blockingPowerW, gpusPerStage, unitTimeS } = this.problem;
    const step = this.stepOf(ticks);
    let effectiveJ = this.effectiveEnergyJ[step]!;
    const back = ticks - this.lengthTicks[step]!;
    if (back > 0) {
      const stepTicks = this.lengthTicks[step - 1]! - this.lengthTicks[step]!;
      effectiveJ += ((this.effectiveEnergyJ[step - 1]! - effectiveJ) * back) / stepTicks;
    }
    const blockingJ = dag.stageCount * blockingPowerW * secondsFromTicks(ticks, unitTimeS);
    return gpusPerStage * (effectiveJ + blockingJ);
  }

  private planOf(ticks: number): FrequencyPlan {
    const { dag, operations, unitTimeS } = this.problem;
    const durationTicks = this.durationsAt(ticks);
    return {
      planner: this.planner,
      plannedTimeS: secondsFromTicks(ticks, unitTimeS),
      plannedEnergyJ: this.energyAt(ticks),
      durationTicks,
      frequencyMHz: Float64Array.from(
        durationTicks,
        (d, i) => clockFor(operations[dag.operation[i]!]!, d).frequencyMHz,
      ),
    };
  }

  /** Durations of the point that lasts so many ticks. */
  durationsAt(ticks: number): Int32Array {
    const last = this.stepOf(ticks);
    const checkpoint = Math.floor(last / STEPS_PER_CHECKPOINT);
    const duration = this.checkpoints[checkpoint]!.slice();
    for (let s = checkpoint * STEPS_PER_CHECKPOINT + 1; s <= last; s++) {
      const stepTicks = this.lengthTicks[s - 1]! - this.lengthTicks[s]!;
      applyChanges(duration, this.changes, this.changeEnd[s - 1]!, this.changeEnd[s]!, stepTicks);
    }
    const back = ticks - this.lengthTicks[last]!;
    if (back > 0) {
      applyChanges(duration, this.changes, this.changeEnd[last - 1]!, this.changeEnd[last]!, -back);
    }
    return duration;
  }
}

function applyChanges(
  duration: Int32Array,
  changes: ArrayLike<number>,
  first: number,
  end: number,
  stepTicks: number,
): void {
  for (let k = first; k < end; k++) {
    const change = changes[k]!;
    duration[change >> 1]! += (change & 1) === 1 ? stepTicks : -stepTicks;
  }
}
