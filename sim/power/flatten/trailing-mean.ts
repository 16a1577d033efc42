import { compensatedSum } from '../../../src/compensated-sum.js';

/** The mean of the last values. Memory for as many; O(1) per value. */
export class TrailingMean {
  private readonly last: Float64Array;
  private readonly sum = compensatedSum();
  private next = 0;

  /**
   * @param count number of values that the mean is of.
   * @param before all values before the first one.
   */
  constructor(count: number, before: number) {
    this.last = new Float64Array(count).fill(before);
    this.sum.add(count * before);
  }

  /** Adds a value. @returns the mean, with it. */
  append(value: number): number {
    const { last } = this;
    this.sum.add(value);
    this.sum.add(-last[this.next]!);
    last[this.next] = value;
    this.next = (this.next + 1) % last.length;
    return this.sum.value() / last.length;
  }
}
