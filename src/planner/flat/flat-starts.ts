import { lastPassing } from '../../last-passing.js';
import { lowerHull, staircase } from '../../lower-left.js';
import { arcLags, type ArcLags } from '../../pipeline/arc-lags.js';
import { pathTimes } from '../../pipeline/critical-path.js';
import { clockFor } from '../../profile/operation-costs.js';
import { secondsFromTicks } from '../../units.js';
import { perseusPlanAt } from '../deadline/deadline-plan.js';
import { leastCostDurations } from '../deadline/least-cost.js';
import type { CostVertices } from '../oracle.js';
import { clockChoices, type ClockChoices } from '../perseus-hull/clock-choices.js';
import { ClockSearch } from '../perseus-hull/clock-search.js';
import { planningLags } from '../planning-problem.js';
import type { PlanningProblem } from '../planner.js';
import { DeadlineFit } from '../priced/within-deadline.js';
import type { FlatChoices } from './flat-choices.js';
import type { FlatSearch } from './flat-search.js';
import { keptChoice } from './kept-choice.js';

/** Ticks of a deadline: fine enough that rounding to them changes hardly any clock. */
const DEADLINE_TICKS = 2 ** 20;
/** Durations are rounded up to the next clock from this part of the way; all are tried. */
const ROUND_UP_BEYOND = [1, 0.75, 0.5] as const;

/** Choices of clocks within a deadline from which a search for flatter ones can begin. */
export class FlatStarts {
  private readonly onHull: readonly ClockChoices[];
  private readonly fit: DeadlineFit;
  private readonly lags: ArcLags;

  /** @param choices indexed by operation; those of the answers. */
  constructor(
    private readonly problem: PlanningProblem,
    private readonly choices: readonly FlatChoices[],
  ) {
    const { dag, operations, blockingPowerW, lags } = problem;
    this.onHull = operations.map((operation) => clockChoices(operation, blockingPowerW));
    this.fit = new DeadlineFit(problem);
    this.lags = arcLags(dag, lags?.exactS);
  }

  /**
   * The choice of least energy, nearly: the continuous optimum on the hull of the clocks and the
   * published plan, each rounded to the slowest clocks that fit; the time left over goes to whatever
   * gains most by it.
   *
   * @param published the published planner's choice.
   */
  leastEnergy(deadlineS: number, published: Int32Array): Int32Array {
    const { dag, lags } = this.problem;
    const costs = this.onHull.map(({ timeS, effectiveJ }) => ({ timeS, cost: effectiveJ }));
    const durationS = this.cheapest(dag.operation, costs, deadlineS);
    const continuous = ROUND_UP_BEYOND.map((part) =>
      Int32Array.from(durationS, (timeS, i) =>
        choiceFor(this.onHull[dag.operation[i]!]!.timeS, timeS, part),
      ),
    );
    const asFast = published.map((k, i) => {
      const op = dag.operation[i]!;
      return choiceFor(this.onHull[op]!.timeS, this.choices[op]!.timeS[k]!, 1);
    });
    const search = new ClockSearch(dag, this.onHull, deadlineS, lags?.exactS);
    const improved = [...continuous, asFast].map((wanted) => {
      search.set(keptChoice(dag, this.lags, this.onHull, wanted, deadlineS));
      search.slowDown();
      search.exchange();
      return { choice: search.choice.slice(), energyJ: search.energyJ };
    });
    const { choice } = improved.reduce((a, b) => (b.energyJ < a.energyJ ? b : a));
    return choice.map((k, i) => {
      const op = dag.operation[i]!;
      return this.choices[op]!.options.indexOf(this.onHull[op]!.options[k]!);
    });
  }

  /** The choice of the published planner. */
  published(deadlineS: number): Int32Array {
    const { dag, operations, unitTimeS } = this.problem;
    const fastestS = secondsFromTicks(this.fit.fastestTicks, unitTimeS);
    const plan = perseusPlanAt(this.problem, Math.max(deadlineS, fastestS));
    const wanted = plan.durationTicks.map((ticks, i) => {
      const op = dag.operation[i]!;
      return this.choices[op]!.options.indexOf(clockFor(operations[op]!, ticks));
    });
    return keptChoice(dag, this.lags, this.choices, wanted, deadlineS);
  }

  /**
   * The choice that is cheapest if each joule of an instruction costs as much as its share in the
   * variance while everything else stays as it is, and the price of a joule besides. Time moves to
   * where power is high from where it is low, everywhere at once, which no change of single clocks
   * could do where all paths are critical.
   *
   * With e the energy of an instruction above waiting, p its power, P the power of the others while
   * it runs and M the mean over a period T, its share is e (p + 2 P − 2 M) / T.
   */
  priced(search: FlatSearch, priceW2PerJ: number): Int32Array {
    const { dag } = this.problem;
    const { periodS, meanW } = search;
    const each = Int32Array.from(dag.operation, (_, i) => i);
    const costs = Array.from(each, (i) => {
      const { timeS, powerW, effectiveJ } = search.choicesOf(i);
      const othersW = search.othersW(i);
      const cost = effectiveJ.map((energyJ, k) => {
        const shareW2 = (energyJ * (powerW[k]! + 2 * othersW - 2 * meanW)) / periodS;
        return shareW2 + priceW2PerJ * energyJ;
      });
      return { timeS, cost };
    });
    const durationS = this.cheapest(each, costs, periodS);
    const wanted = Int32Array.from(durationS, (timeS, i) =>
      choiceFor(search.choicesOf(i).timeS, timeS, 1),
    );
    return keptChoice(dag, this.lags, this.choices, wanted, periodS);
  }

  /** The continuous durations of least cost, in seconds. */
  private cheapest(
    operation: Int32Array,
    costs: readonly { readonly timeS: Float64Array; readonly cost: Float64Array }[],
    deadlineS: number,
  ): Float64Array {
    const { dag, lags } = this.problem;
    const tickS = deadlineS / DEADLINE_TICKS;
    const ticksOf = (timeS: number) => Math.max(1, Math.round(timeS / tickS));
    const program = {
      dag: { ...dag, operation },
      costs: costs.map(({ timeS, cost }) => costVertices(timeS.map(ticksOf), cost)),
      lags: lags && planningLags(lags.exactS, tickS).ticks,
    };
    // Rounding may leave too few ticks for the fastest clocks.
    const fastest = Float64Array.from(operation, (op) => program.costs[op]![0]!.duration);
    const ticks = Math.max(DEADLINE_TICKS, pathTimes(dag, fastest, program.lags).length);
    const found = leastCostDurations(program, ticks)!;
    // Whole ticks are off by up to half a tick.
    return found.map((duration) => (duration + 0.5) * tickS);
  }
}

/** The slowest clock that fits into a duration, or the next one if the duration almost reaches it. */
function choiceFor(timeS: Float64Array, durationS: number, roundUpBeyond: number): number {
  return lastPassing(0, timeS.length - 1, (k) => {
    const before = timeS[k - 1]!;
    return before + roundUpBeyond * (timeS[k]! - before) <= durationS;
  });
}

/** The lower convex hull of costs, as far as they fall. */
function costVertices(ticks: Float64Array, cost: Float64Array): CostVertices {
  const points = Array.from(ticks, (x, k) => ({ x, y: cost[k]! }));
  const falling = staircase(
    points,
    ({ x }) => x,
    ({ y }) => y,
  );
  return lowerHull(falling).map(({ x, y }) => ({ duration: x, costJ: y }));
}
