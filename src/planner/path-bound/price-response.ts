import type { CostVertices } from '../oracle.js';

/** Smoothing ends at a price so many times that of the steepest piece. */
const STEEPER = 1.05;

/** How an operation answers a price of time: what a second less is worth, in joules. */
export class PriceResponse {
  readonly fastest: number;
  readonly slowest: number;
  /** Beyond this price the operation is as fast as it can be. */
  readonly highestPrice: number;
  /** Energy that each piece saves for each second it takes, falling. */
  private readonly slope: Float64Array;

  /** @param vertices of a convex cost that falls with the duration. */
  constructor(private readonly vertices: CostVertices) {
    this.slope = new Float64Array(vertices.length - 1);
    for (let k = 0; k < this.slope.length; k++) {
      const [left, right] = [vertices[k]!, vertices[k + 1]!];
      this.slope[k] = (left.costJ - right.costJ) / (right.duration - left.duration);
    }
    this.fastest = vertices[0]!.duration;
    this.slowest = vertices.at(-1)!.duration;
    this.highestPrice = (this.slope[0] ?? 0) * STEEPER;
  }

  /** The least of cost + price · duration over all durations, exactly. O(log vertices). */
  leastJ(price: number): number {
    const { duration, costJ } = this.vertices[this.piecesAbove(price)]!;
    return costJ + price * duration;
  }

  /**
   * The duration that a price leads to, with the steps between vertices smoothed: from the middle of
   * a piece, where the price is its slope, to the middle of the next. O(log vertices).
   */
  durationAt(price: number): number {
    const { slope, vertices } = this;
    const last = slope.length - 1;
    const k = this.piecesAbove(price);
    if (last < 0) return this.fastest;
    const left = k > last ? this.slowest : this.middle(k);
    const right = k > 0 ? this.middle(k - 1) : vertices[0]!.duration;
    const [low, high] = [slope[k] ?? 0, slope[k - 1] ?? this.highestPrice];
    if (price >= high) return right;
    return right + ((left - right) * (high - price)) / (high - low);
  }

  private middle(piece: number): number {
    return (this.vertices[piece]!.duration + this.vertices[piece + 1]!.duration) / 2;
  }

  /** How many pieces save more than a price: those are taken. */
  private piecesAbove(price: number): number {
    let low = 0;
    let high = this.slope.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.slope[middle]! > price) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
