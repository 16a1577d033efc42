import type { PowerSeries } from '../power-series.js';

/** The largest changes of power within a window of time that slides over a series. */
export interface WindowChanges {
  /** From a power to a higher one after it. */
  readonly rise: Change;
  /** From a power to a lower one after it. */
  readonly fall: Change;
}

/** A change of power between two intervals. */
export interface Change {
  /** Never negative. */
  readonly changeW: number;
  /** The beginning of the interval from which it is counted. */
  readonly fromS: number;
  /** The beginning of the interval to which it is counted. */
  readonly untilS: number;
}

/**
 * The largest rise and fall between two intervals of which one begins at most `intervals` intervals
 * after the other. O(n), with a queue of candidates for the least and the largest power.
 */
export function windowChanges({ everyS, powerW }: PowerSeries, intervals: number): WindowChanges {
  const change = (sign: 1 | -1): Change => {
    const lowest = new WindowLowest(powerW, sign, intervals);
    let best = 0;
    let from = 0;
    let until = 0;
    for (let k = 0; k < powerW.length; k++) {
      const low = lowest.until(k);
      const changeW = sign * (powerW[k]! - powerW[low]!);
      if (changeW > best) [best, from, until] = [changeW, low, k];
    }
    return { changeW: best, fromS: from * everyS, untilS: until * everyS };
  };
  return { rise: change(1), fall: change(-1) };
}

/** The index of the lowest (or, with sign −1, highest) value of a window that moves on. */
class WindowLowest {
  private readonly queue: Int32Array;
  private head = 0;
  private tail = 0;

  constructor(
    private readonly values: Float64Array,
    private readonly sign: 1 | -1,
    private readonly width: number,
  ) {
    this.queue = new Int32Array(values.length);
  }

  /** Moves the window's end to an index, one after the last. */
  until(k: number): number {
    const { queue, values, sign } = this;
    while (this.tail > this.head && sign * values[queue[this.tail - 1]!]! >= sign * values[k]!) {
      this.tail--;
    }
    queue[this.tail++] = k;
    if (queue[this.head]! < k - this.width) this.head++;
    return queue[this.head]!;
  }
}
