import type { CostCurves } from './cost-curves.js';
import type { TimingNetwork } from './timing-network.js';

/** Times move by at most this many steps at once. */
export const MOST_STEPS = 63;
/** A number of steps beyond that. */
export const UNREACHED = MOST_STEPS + 1;

/**
 * Prices of time between two events, and the bounds within which each price fits the time between
 * them: at `least`, one step more saves just as much as it costs, at `most`, one step less.
 *
 * Prices are quanta per tick. Times are whole steps apart from where they were when the step was
 * chosen.
 */
export class PriceBounds {
  /** Length of a step, in ticks: a power of two. */
  step = 1;
  /** Per arc. */
  readonly price: Float64Array;
  readonly least: Float64Array;
  readonly most: Float64Array;

  /**
   * @param operation of each instruction.
   * @param time of each node, in ticks.
   */
  constructor(
    readonly network: TimingNetwork,
    private readonly operation: ArrayLike<number>,
    readonly curves: CostCurves,
    readonly time: Float64Array,
  ) {
    this.price = new Float64Array(network.arcCount);
    this.least = new Float64Array(network.arcCount);
    this.most = new Float64Array(network.arcCount);
  }

  /** Recomputes the bounds of an arc after its time has changed. */
  refresh(arc: number): void {
    const span = this.span(arc);
    if (arc >= this.network.instructionCount) {
      this.most[arc] = span - this.network.gap[arc]! < this.step ? Infinity : 0;
      return;
    }
    this.least[arc] = this.savedByStep(arc, span);
    this.most[arc] = this.savedByStep(arc, span - this.step);
  }

  /** The room along a way: by how much its price can rise, or fall if it leads against the arc. */
  room(way: number): number {
    const arc = way >> 1;
    const price = this.price[arc]!;
    return (way & 1) === 0 ? this.most[arc]! - price : price - this.least[arc]!;
  }

  /** Steps by which a way's end has to come nearer, in time, before there is room along it. */
  stepsToRoom(way: number): number {
    if (this.room(way) > 0) return 0;
    const arc = way >> 1;
    const { network, price, step } = this;
    if ((way & 1) === 1) {
      if (price[arc] === 0) return UNREACHED;
      const span = this.span(arc);
      return firstStep(1, (k) => this.savedByStep(arc, span + k * step) < price[arc]!);
    }
    const span = this.span(arc);
    if (arc >= network.instructionCount) return Math.floor((span - network.gap[arc]!) / step);
    const idle = span - this.curves.maxTicks[this.operation[arc]!]!;
    const from = Math.max(1, Math.floor(idle / step));
    return firstStep(from, (k) => this.savedByStep(arc, span - (k + 1) * step) > price[arc]!);
  }

  private span(arc: number): number {
    return this.time[this.network.head[arc]!]! - this.time[this.network.tail[arc]!]!;
  }

  /** The saving of an instruction from a duration to one step more, per tick; no step leads from below. */
  private savedByStep(i: number, duration: number): number {
    const op = this.operation[i]!;
    const { step, curves } = this;
    if (duration < curves.minTicks[op]!) return Infinity;
    return curves.saving(op, duration, step);
  }
}

/** The first number of steps that passes a test, which all later ones pass; at most `UNREACHED`. */
function firstStep(from: number, passes: (steps: number) => boolean): number {
  if (from > MOST_STEPS) return UNREACHED;
  let failed = from - 1;
  let k = from;
  while (!passes(k)) {
    if (k === MOST_STEPS) return UNREACHED;
    const next = k + 2 * (k - failed);
    failed = k;
    k = Math.min(next, MOST_STEPS);
  }
  while (k - failed > 1) {
    const middle = (k + failed) >> 1;
    if (passes(middle)) k = middle;
    else failed = middle;
  }
  return k;
}
