import { compensatedSum } from '../../compensated-sum.js';
import { pathTimes } from '../../pipeline/critical-path.js';
import type { CostVertices, OracleProblem } from '../oracle.js';
import { DeadlineSearch, type TickProgram } from './least-cost.js';
import { timingArcs } from './timing-network.js';

/** Ticks in the longest time, as a power of two: finer than a double's rounding of sums of times. */
const TICK_BITS = 44;
/** Each step is this many times shorter than the one before … */
const SHORTER = 4;
/** … and, below this part of the first, where prices are corrected only a little, this many times. */
const NEARLY = 2 ** -6;
const MUCH_SHORTER = 16;

/** Deadlines whose prices are remembered: a few policies ask for two each, again and again. */
const MOST_REMEMBERED = 16;

/**
 * The optimum of the linear program that `Oracle` solves, by its dual, in seconds where that takes
 * minutes: a circulation of prices of time on the network of events.
 *
 * ```text
 *   least Σ c(d)   =   most   Σ min over d of (c(d) + price · d)   +   Σ price · gap
 *   within T         of prices   over instructions                 over dependencies; −T at the end
 * ```
 *
 * The right side is a bound for any circulation, however it was found. `OptimalTimes` finds it in
 * ticks so fine that rounding does not matter; the sum is then taken in exact times. So the result is
 * never above the optimum, and within 10⁻¹⁰ of it, relatively. GPT-3 175B on A100, 8 stages × 96
 * microbatches: 0.2 s; the work grows a little faster than the number of instructions.
 *
 * Deadlines that differ by rounding fall into the same tick, and have the same prices: a straggler's
 * own time is the fastest time whatever its slowdown, but for the last bits of a product and a quotient.
 */
export class DualBounds {
  private readonly fastestTime: number;
  private readonly slowestTime: number;
  private readonly tick: number;
  private readonly inTicks: TickProgram;
  /** Prices, J/s, by deadline in ticks; those asked for last, in this order. */
  private readonly known = new Map<number, Float64Array | undefined>();

  constructor(private readonly program: OracleProblem) {
    const { dag, costs, lags } = program;
    const at = (end: 0 | -1) =>
      Float64Array.from(dag.operation, (op) => costs[op]!.at(end)!.duration);
    this.fastestTime = pathTimes(dag, at(0), lags).length;
    this.slowestTime = pathTimes(dag, at(-1), lags).length;
    this.tick = 2 ** (Math.ceil(Math.log2(this.slowestTime)) - TICK_BITS);
    this.inTicks = inTicks(program, this.tick);
  }

  /** The optimum within a deadline; undefined if no schedule meets it. */
  within(deadline: number): number | undefined {
    if (!(deadline >= this.fastestTime)) return undefined;
    if (deadline >= this.slowestTime) return boundAt(this.program, deadline);
    // Rounded so that a schedule in exact times is one in ticks, too.
    return boundAt(this.program, deadline, this.pricesWithin(Math.ceil(deadline / this.tick)));
  }

  private pricesWithin(deadlineTicks: number): Float64Array | undefined {
    const { known } = this;
    const prices = known.has(deadlineTicks)
      ? known.get(deadlineTicks)
      : this.bestPrices(deadlineTicks);
    known.delete(deadlineTicks);
    known.set(deadlineTicks, prices);
    if (known.size > MOST_REMEMBERED) known.delete(known.keys().next().value!);
    return prices;
  }

  /** The prices of the optimum; undefined if nothing has to be hurried. */
  private bestPrices(deadlineTicks: number): Float64Array | undefined {
    const search = new DeadlineSearch(this.inTicks, deadlineTicks);
    if (search.isSlowestInTime) return undefined;
    const times = search.times();
    const { firstStep } = search;
    for (let step = firstStep; step > 0; step = shorterStep(step, firstStep)) times.solve(step);
    const unit = times.bounds.curves.quantumJ / this.tick;
    const { bounds } = times;
    return Float64Array.from(
      { length: bounds.network.arcCount },
      (_, arc) => bounds.price(arc) * unit,
    );
  }
}

/** The next step, or 0 after the last, of one tick. */
function shorterStep(step: number, first: number): number {
  if (step === 1) return 0;
  return Math.max(1, step / (step > NEARLY * first ? SHORTER : MUCH_SHORTER));
}

/** The same program in whole ticks, everything rounded down. */
function inTicks({ dag, costs, lags }: OracleProblem, tick: number): TickProgram {
  const ticksOf = (time: number) => Math.floor(time / tick);
  const lagTicks = lags && {
    ownStage: Float64Array.from(lags.ownStage, ticksOf),
    otherStage: Float64Array.from(lags.otherStage, ticksOf),
  };
  const rounded = costs.map((vertices): CostVertices => {
    // Of points that round to the same tick, the last is the cheapest.
    const leastAt = new Map(vertices.map(({ duration, costJ }) => [ticksOf(duration), costJ]));
    return Array.from(leastAt, ([duration, costJ]) => ({ duration, costJ }));
  });
  return { dag, costs: rounded, lags: lagTicks };
}

/**
 * The bound that follows from some prices, in exact times.
 * @param price per arc, J/s; all are 0 if left out.
 */
function boundAt(
  { dag, costs, lags }: OracleProblem,
  deadline: number,
  price?: Float64Array,
): number {
  const sum = compensatedSum();
  const { instructionCount } = dag;
  for (let i = 0; i < instructionCount; i++) {
    sum.add(leastPriced(costs[dag.operation[i]!]!, price?.[i] ?? 0));
  }
  if (price === undefined) return sum.value();
  const { gap } = timingArcs(dag, deadline, lags);
  for (let arc = instructionCount; arc < gap.length; arc++) sum.add(price[arc]! * gap[arc]!);
  return sum.value();
}

/** The least of cost and priced duration together, which a vertex has. */
function leastPriced(vertices: CostVertices, price: number): number {
  let least = Infinity;
  for (const { duration, costJ } of vertices) least = Math.min(least, costJ + price * duration);
  return least;
}
