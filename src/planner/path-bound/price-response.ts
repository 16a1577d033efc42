import { countPassing } from '../../last-passing.js';
import type { CostVertices } from '../oracle.js';

/** Smoothing ends at this multiple of the steepest piece's price. */
const STEEPER = 1.05;

/** An operation's response to a price of time: the worth of a saved second, in joules. */
export class PriceResponse {
  readonly fastest: number;
  readonly slowest: number;
  /** Beyond this price the operation runs as fast as it can. */
  readonly highestPrice: number;
  /** Energy saved per second by each piece, falling. */
  private readonly slope: Float64Array;

  /** The midpoints between neighbouring slopes. */
  private readonly above: Float64Array;
  private readonly below: Float64Array;

  /**
   * @param vertices of a convex cost that falls with the duration.
   */
  constructor(private readonly vertices: CostVertices) {
    this.slope = new Float64Array(vertices.length - 1);
    for (let k = 0; k < this.slope.length; k++) {
      const [left, right] = [vertices[k]!, vertices[k + 1]!];
      this.slope[k] = (left.costJ - right.costJ) / (right.duration - left.duration);
    }
    const { slope } = this;
    this.above = slope.map((of, k) => (k === 0 ? of * (STEEPER - 1) : (slope[k - 1]! - of) / 2));
    this.below = slope.map((of, k) => (of - (slope[k + 1] ?? 0)) / 2);
    this.fastest = vertices[0]!.duration;
    this.slowest = vertices.at(-1)!.duration;
    this.highestPrice = (this.slope[0] ?? 0) * STEEPER;
  }

  /** The minimum of cost + price · duration over all durations, exactly. O(log vertices). */
  leastJ(price: number): number {
    const { duration, costJ } = this.vertices[this.piecesAbove(price)]!;
    return costJ + price * duration;
  }

  /**
   * The duration at a price. The step from vertex to vertex, at the slope between them, is
   * smoothed: it extends part of the way to the midpoints with the neighbouring slopes. O(log
   * vertices).
   *
   * @param smoothing that part: at most 1; near 0 for the exact steps.
   */
  durationAt(price: number, smoothing: number): number {
    const k = this.piecesAbove(price);
    if (k < this.slope.length && price < this.slope[k]! + this.above[k]! * smoothing) {
      return this.within(k, price, smoothing);
    }
    if (k > 0 && price > this.slope[k - 1]! - this.below[k - 1]! * smoothing) {
      return this.within(k - 1, price, smoothing);
    }
    return this.vertices[k]!.duration;
  }

  /** The cost of a duration from the fastest to the slowest. O(log vertices). */
  costAt(duration: number): number {
    const { vertices, slope } = this;
    const piece = countPassing(slope.length, (k) => vertices[k + 1]!.duration < duration);
    const right = vertices[Math.min(piece + 1, vertices.length - 1)]!;
    return right.costJ + (slope[piece] ?? 0) * (right.duration - duration);
  }

  /** On a piece: the higher the price, the faster. */
  private within(piece: number, price: number, smoothing: number): number {
    const { slope, above, below, vertices } = this;
    const fast = vertices[piece]!.duration;
    const slow = vertices[piece + 1]!.duration;
    const width = (above[piece]! + below[piece]!) * smoothing;
    const part = (slope[piece]! + above[piece]! * smoothing - price) / width;
    return fast + (slow - fast) * part;
  }

  /** The number of pieces that save more than a price; these pieces are used. */
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
