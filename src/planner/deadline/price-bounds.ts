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
  /** The room of each half-arc: by how much its arc's price can rise, or fall if it leads back. */
  readonly residual: Float64Array;
  /** Per arc: the least price that fits. */
  private readonly least: Float64Array;

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
    this.residual = new Float64Array(2 * network.arcCount);
    this.least = new Float64Array(network.arcCount);
  }

  /** The price of an arc's time. */
  price(arc: number): number {
    return this.least[arc]! + this.residual[this.network.back[arc]!]!;
  }

  /** Recomputes the bounds of an arc after its time has changed; the price stays. */
  refresh(arc: number): void {
    const { network, residual, least } = this;
    const price = this.price(arc);
    const span = this.span(arc);
    let most = span - network.gap[arc]! < this.step ? Infinity : 0;
    if (arc < network.instructionCount) {
      least[arc] = this.savedByStep(arc, span);
      most = this.savedByStep(arc, span - this.step);
    }
    residual[network.forth[arc]!] = most - price;
    residual[network.back[arc]!] = price - least[arc]!;
  }

  /** Puts the price of an arc within its bounds. @returns the price. */
  fit(arc: number): number {
    this.refresh(arc);
    const { residual, network } = this;
    const forth = network.forth[arc]!;
    const back = network.back[arc]!;
    const change = Math.min(residual[forth]!, Math.max(0, -residual[back]!));
    residual[forth]! -= change;
    residual[back]! += change;
    return this.price(arc);
  }

  /** Steps by which a half-arc's end has to come nearer, in time, before there is room along it. */
  stepsToRoom(halfArc: number): number {
    if (this.residual[halfArc]! > 0) return 0;
    const { network, step } = this;
    const arc = network.arcOf[halfArc]!;
    const price = this.price(arc);
    const span = this.span(arc);
    if (network.back[arc] === halfArc) {
      if (price === 0) return UNREACHED;
      return firstStep(1, (k) => this.savedByStep(arc, span + k * step) < price);
    }
    if (arc >= network.instructionCount) return Math.floor((span - network.gap[arc]!) / step);
    const idle = span - this.curves.maxTicks[this.operation[arc]!]!;
    const from = Math.max(1, Math.floor(idle / step));
    return firstStep(from, (k) => this.savedByStep(arc, span - (k + 1) * step) > price);
  }

  private span(arc: number): number {
    return this.time[this.network.arcHead[arc]!]! - this.time[this.network.arcTail[arc]!]!;
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
