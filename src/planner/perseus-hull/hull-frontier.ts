import { lastPassing } from '../../last-passing.js';
import { least, most } from '../../extremes.js';
import { InfeasibleDeadlineError } from '../../errors.js';
import { pathTimes } from '../../pipeline/critical-path.js';
import { clockFor, operationCosts, type OperationCosts } from '../../profile/operation-costs.js';
import { frontierExcess } from '../perseus/frontier-size.js';
import { StoredFrontier } from '../perseus/stored-frontier.js';
import type {
  FrequencyPlan,
  FrontierPoint,
  PlanningProblem,
  PlanningProgress,
  Plans,
} from '../planner.js';
import { pipelineEnergyJ, pipelineWaitingW, planningLags } from '../planning-problem.js';
import { clockChoices, hullCosts, type ClockChoices } from './clock-choices.js';
import { ClockSearch } from './clock-search.js';

/** Ticks of the shortest instruction, unless that gives the longest more than its limit. */
const FEWEST_TICKS = 1000;
const MOST_TICKS = 100_000;

/**
 * Thresholds for rounding a duration between two clocks: up if it lies further than this fraction
 * of the way from the faster clock. Rounding up is paid for by planning for a shorter time; which
 * threshold is cheapest depends on the profile, so all are tried.
 */
const ROUND_UP_BEYOND = [1, 0.75, 0.5] as const;

/** Points of the displayed frontier; any deadline is planned exactly. */
const SHOWN_POINTS = 50;

/** Deadlines are met up to the difference between sums of the same times along different paths. */
const ROUNDING = 1e-12;

/** Plans on the convex hull of the measured clocks, each made on demand. */
export class HullFrontier implements Plans {
  private readonly choices: readonly ClockChoices[];
  private readonly continuous: StoredFrontier;
  /**
   * The published planner's frontier: occasionally, in small pipelines, its rounding happens to be
   * the best.
   */
  private readonly fitted: FittedFrontier;
  /** The same in fine ticks; planned when it is first needed. */
  private finelyFitted: FittedFrontier | undefined;
  /** Length of one tick of the continuous frontier. */
  private readonly tickS: number;
  private readonly fastestS: number;
  private readonly slowestS: number;
  private readonly known = new Map<number, FrequencyPlan>();
  private shown: readonly FrequencyPlan[] | undefined;

  /** Plans both frontiers, on the hull and as published: twice the work of `perseus`. */
  constructor(
    private readonly problem: PlanningProblem,
    onProgress?: PlanningProgress,
  ) {
    const { operations, blockingPowerW } = problem;
    this.choices = operations.map((operation) => clockChoices(operation, blockingPowerW));
    const fine = fineTick(this.choices);
    // A frontier that is too large for memory in fine ticks is planned in coarser ones.
    this.tickS = fine * Math.max(1, frontierExcess(this.onHull(fine)));
    this.continuous = new StoredFrontier('perseus-hull', this.onHull(this.tickS), onProgress);
    this.fitted = fittedFrontier(problem);
    this.fastestS = this.lengthOf(({ timeS }) => timeS[0]!);
    this.slowestS = this.lengthOf(({ timeS }) => timeS.at(-1)!);
  }

  /** The problem on the hull of the clocks, with ticks of a given length. */
  private onHull(tickS: number): PlanningProblem {
    const { operations, lags } = this.problem;
    return {
      ...this.problem,
      operations: operations.map((op, k) => hullCosts(op, this.choices[k]!, tickS)),
      unitTimeS: tickS,
      ...(lags === undefined ? {} : { lags: planningLags(lags.exactS, tickS) }),
    };
  }

  get pointCount(): number {
    return this.points().length;
  }

  point(index: number): FrontierPoint {
    const plan = this.points()[index];
    if (plan === undefined) {
      throw new RangeError(`point ${index} of a frontier of ${this.pointCount} points`);
    }
    return { timeS: plan.plannedTimeS, energyJ: plan.plannedEnergyJ };
  }

  planAt(deadlineS: number): FrequencyPlan {
    if (!(deadlineS >= this.fastestS * (1 - ROUNDING))) {
      throw new InfeasibleDeadlineError(deadlineS, this.fastestS);
    }
    return this.forStraggler(deadlineS);
  }

  get fastest(): FrequencyPlan {
    return this.forStraggler(this.fastestS);
  }

  forStraggler(stragglerTimeS: number): FrequencyPlan {
    const deadlineS = Math.max(Math.min(stragglerTimeS, this.slowestS), this.fastestS);
    const plan = this.known.get(deadlineS) ?? this.planWithin(deadlineS);
    this.known.set(deadlineS, plan);
    return plan;
  }

  /** The cheapest of the plans from all ways of rounding. */
  private planWithin(deadlineS: number): FrequencyPlan {
    const { dag, lags } = this.problem;
    const search = new ClockSearch(dag, this.choices, deadlineS, lags?.exactS);
    const found = this.starts(search);
    let cheapest = new Int32Array(dag.instructionCount);
    let leastJ = Infinity;
    // The fastest clocks meet every deadline that can be asked for.
    for (const start of found.length > 0 ? found : [cheapest]) {
      search.set(start);
      search.slowDown();
      if (search.energyJ < leastJ) {
        leastJ = search.energyJ;
        cheapest = search.choice.slice();
      }
    }
    search.set(cheapest);
    search.exchange();
    return this.planOf(search.choice, search.lengthS, search.energyJ);
  }

  /** Choices that meet the deadline, from all ways of rounding: none if all of them miss it. */
  private starts(search: ClockSearch): Int32Array[] {
    const usual = [
      ...ROUND_UP_BEYOND.map((part) =>
        slowestKept(this.continuous, search, (ticks) => this.rounded(ticks, part)),
      ),
      this.published(search, this.fitted),
    ].filter((start) => start !== undefined);
    if (usual.length > 0 || this.problem.unitTimeS <= this.tickS) return usual;
    // Close to T_min, coarse ticks hide that a sum of times is too long.
    const fine = this.published(search, this.fine());
    return fine === undefined ? [] : [fine];
  }

  /** Choices for the continuous plan with this many ticks. */
  private rounded(ticks: number, roundUpBeyond: number): Int32Array {
    const { operation } = this.problem.dag;
    return this.continuous.durationsAt(ticks).map((duration, i) => {
      const { timeS } = this.choices[operation[i]!]!;
      // Whole ticks are off by up to half a tick.
      return choiceFor(timeS, (duration + 0.5) * this.tickS, roundUpBeyond);
    });
  }

  /** Choices that are as fast as the slowest published plan that meets the deadline, and no dearer. */
  private published(
    search: ClockSearch,
    { frontier, operations }: FittedFrontier,
  ): Int32Array | undefined {
    const { operation } = this.problem.dag;
    return slowestKept(frontier, search, (ticks) =>
      frontier.durationsAt(ticks).map((duration, i) => {
        const op = operation[i]!;
        return choiceFor(this.choices[op]!.timeS, clockFor(operations[op]!, duration).timeS, 1);
      }),
    );
  }

  private fine(): FittedFrontier {
    return (this.finelyFitted ??= fittedFrontier(inTicks(this.problem, this.tickS)));
  }

  private planOf(choice: Int32Array, timeS: number, effectiveJ: number): FrequencyPlan {
    const { dag } = this.problem;
    const options = Array.from(choice, (k, i) => this.choices[dag.operation[i]!]!.options[k]!);
    return {
      planner: 'perseus-hull',
      plannedTimeS: timeS,
      plannedEnergyJ: pipelineEnergyJ(this.problem, effectiveJ, timeS),
      durationTicks: Int32Array.from(options, ({ durationTicks }) => durationTicks),
      frequencyMHz: Float64Array.from(options, ({ frequencyMHz }) => frequencyMHz),
    };
  }

  /** Plans of evenly spaced deadlines, slowest first, without those that a faster plan beats. */
  private points(): readonly FrequencyPlan[] {
    if (this.shown !== undefined) return this.shown;
    const spanS = this.slowestS - this.fastestS;
    const kept: FrequencyPlan[] = [];
    const waitingW = pipelineWaitingW(this.problem);
    const effectiveJ = ({ plannedEnergyJ, plannedTimeS }: FrequencyPlan) =>
      plannedEnergyJ - waitingW * plannedTimeS;
    for (let k = 0; k <= SHOWN_POINTS; k++) {
      const plan = this.forStraggler(this.fastestS + (spanS * k) / SHOWN_POINTS);
      const leastJ = kept.length === 0 ? Infinity : effectiveJ(kept.at(-1)!);
      if (!(effectiveJ(plan) < leastJ)) continue;
      while (kept.length > 0 && kept.at(-1)!.plannedTimeS >= plan.plannedTimeS) kept.pop();
      kept.push(plan);
    }
    this.shown = kept.reverse();
    return this.shown;
  }

  private lengthOf(timeOf: (choices: ClockChoices) => number): number {
    const { dag, lags } = this.problem;
    const times = this.choices.map(timeOf);
    return pathTimes(
      dag,
      Float64Array.from(dag.operation, (op) => times[op]!),
      lags?.exactS,
    ).length;
  }
}

/** The published planner's frontier, and the costs that it was planned with. */
interface FittedFrontier {
  readonly frontier: StoredFrontier;
  readonly operations: readonly OperationCosts[];
}

function fittedFrontier(problem: PlanningProblem): FittedFrontier {
  return {
    frontier: new StoredFrontier('perseus', problem),
    operations: problem.operations,
  };
}

/** The same problem in ticks of another length. */
function inTicks(problem: PlanningProblem, tickS: number): PlanningProblem {
  const { operations, lags, blockingPowerW } = problem;
  return {
    ...problem,
    operations: operations.map(({ allOptions, origin = 'measured', ...operation }) =>
      operationCosts(operation, allOptions, { unitTimeS: tickS, blockingPowerW, origin }),
    ),
    unitTimeS: tickS,
    ...(lags === undefined ? {} : { lags: planningLags(lags.exactS, tickS) }),
  };
}

/** The choices of the slowest point of the frontier that meets the deadline, if any does. */
function slowestKept(
  { fastestTicks, slowestTicks }: StoredFrontier,
  search: ClockSearch,
  choicesAt: (ticks: number) => Int32Array,
): Int32Array | undefined {
  const isKept = (ticks: number) => {
    search.set(choicesAt(ticks));
    return search.keepsDeadline;
  };
  if (!isKept(fastestTicks)) return undefined;
  return choicesAt(lastPassing(fastestTicks, slowestTicks, isKept));
}

/**
 * The slowest choice that fits into a duration, or the next one if the duration almost reaches it.
 */
function choiceFor(timeS: Float64Array, durationS: number, roundUpBeyond: number): number {
  return lastPassing(0, timeS.length - 1, (k) => {
    const before = timeS[k - 1]!;
    return before + roundUpBeyond * (timeS[k]! - before) <= durationS;
  });
}

function fineTick(choices: readonly ClockChoices[]): number {
  const shortestS = least(choices.map(({ timeS }) => timeS[0]!));
  const longestS = most(choices.map(({ timeS }) => timeS.at(-1)!));
  return Math.max(shortestS / FEWEST_TICKS, longestS / MOST_TICKS);
}
