import { compensatedSum } from '../../compensated-sum.js';
import type { ComputationDag } from '../../pipeline/dag.js';
import type { Path } from './longest-paths.js';
import type { PriceResponse } from './price-response.js';

/** Lengths tried to find the price of one path. */
const MOST_TRIES = 16;

/**
 * Prices of time on paths through a pipeline that has to finish within a deadline. An instruction's
 * price is the sum of the prices of the paths through it.
 *
 * Whatever the prices, no schedule that keeps the deadline costs less than `leastJ`: none of the
 * paths is longer than the deadline, so that Σ price · (length − deadline) ≤ 0 may be added to any
 * schedule's cost, and every instruction's part of that sum has a least value of its own (weak
 * duality).
 */
export class PricedPaths {
  /** Visits of instructions so far, a measure of the work done. */
  visits = 0;
  private readonly paths: Path[] = [];
  private readonly pathPrice: number[] = [];
  private readonly price: Float64Array;
  /** Per instruction: the duration at its price. */
  readonly duration: Float64Array;
  private readonly highestPrice: number;
  /** See `PriceResponse.durationAt`. */
  private smoothing = 1;

  /** @param responses indexed by `dag.operation[i]`. */
  constructor(
    private readonly dag: ComputationDag,
    private readonly responses: readonly PriceResponse[],
    private readonly deadline: number,
  ) {
    this.price = new Float64Array(dag.instructionCount);
    this.duration = Float64Array.from(dag.operation, (op) => responses[op]!.slowest);
    this.highestPrice = responses.reduce((most, op) => Math.max(most, op.highestPrice), 0);
  }

  add(path: Path): void {
    this.paths.push(path);
    this.pathPrice.push(0);
  }

  /**
   * Sets the price of each path in turn so that the path is as long as the deadline, or free.
   * @param tolerance the allowed difference from the deadline.
   */
  balance(tolerance: number): void {
    for (let p = 0; p < this.paths.length; p++) this.balancePath(p, tolerance);
  }

  /** Makes instructions respond to prices more sharply. */
  sharpen(smoothing: number): void {
    this.smoothing = smoothing;
    this.price.forEach((of, i) => {
      this.duration[i] = this.responses[this.dag.operation[i]!]!.durationAt(of, smoothing);
    });
  }

  /** The cost of the durations at the current prices. */
  costJ(): number {
    const { dag, responses } = this;
    return this.duration.reduce((sum, d, i) => sum + responses[dag.operation[i]!]!.costAt(d), 0);
  }

  /** Drops the paths with a price of 0. */
  dropFree(): void {
    let kept = 0;
    for (let p = 0; p < this.paths.length; p++) {
      if (this.pathPrice[p] === 0) continue;
      this.paths[kept] = this.paths[p]!;
      this.pathPrice[kept++] = this.pathPrice[p]!;
    }
    this.paths.length = this.pathPrice.length = kept;
  }

  /** The least that any schedule within the deadline costs. O(instructions + lengths of paths). */
  leastJ(): number {
    const { dag, responses, price, deadline } = this;
    // Recomputed from scratch: the errors of many updates would add up.
    price.fill(0);
    const sum = compensatedSum();
    this.paths.forEach(({ instructions, lag }, p) => {
      const of = this.pathPrice[p]!;
      for (const i of instructions) price[i]! += of;
      sum.add(of * (lag - deadline));
      this.visits += instructions.length;
    });
    this.visits += dag.instructionCount;
    price.forEach((of, i) => {
      sum.add(responses[dag.operation[i]!]!.leastJ(of));
    });
    return sum.value();
  }

  private balancePath(p: number, tolerance: number): void {
    const { price, duration, dag, responses } = this;
    const { instructions } = this.paths[p]!;
    const before = this.pathPrice[p]!;
    const now = this.balancedPrice(p, tolerance);
    if (now === before) return;
    this.pathPrice[p] = now;
    this.visits += instructions.length;
    for (const i of instructions) {
      // Rounding must not make a price negative.
      price[i] = Math.max(0, price[i]! + now - before);
      duration[i] = responses[dag.operation[i]!]!.durationAt(price[i], this.smoothing);
    }
  }

  /** By false position (the Illinois method): lengths fall with the price. */
  private balancedPrice(p: number, tolerance: number): number {
    const before = this.pathPrice[p]!;
    const over = (price: number) => this.lengthAt(p, price - before) - this.deadline;
    const now = this.lengthNow(p) - this.deadline;
    if (Math.abs(now) <= tolerance || (now < 0 && before === 0)) return before;
    let [low, high] = now > 0 ? [before, this.highestPrice] : [0, before];
    let [overLow, overHigh] = now > 0 ? [now, over(high)] : [over(0), now];
    if (overLow <= 0) return low;
    if (overHigh >= 0) return high;
    for (let k = 0; k < MOST_TRIES; k++) {
      const price = low + ((high - low) * overLow) / (overLow - overHigh);
      const found = over(price);
      if (Math.abs(found) <= tolerance) return price;
      if (found > 0) {
        [low, overLow] = [price, found];
        overHigh /= 2;
      } else {
        [high, overHigh] = [price, found];
        overLow /= 2;
      }
    }
    return (low + high) / 2;
  }

  private lengthNow(p: number): number {
    const { instructions, lag } = this.paths[p]!;
    let length = lag;
    for (const i of instructions) length += this.duration[i]!;
    return length;
  }

  /** The length of a path if its own price were higher by this much. */
  private lengthAt(p: number, higher: number): number {
    const { dag, responses, price, smoothing } = this;
    const { instructions, lag } = this.paths[p]!;
    this.visits += instructions.length;
    let length = lag;
    for (const i of instructions) {
      length += responses[dag.operation[i]!]!.durationAt(
        Math.max(0, price[i]! + higher),
        smoothing,
      );
    }
    return length;
  }
}
