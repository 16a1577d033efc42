import type { PowerSeries } from '../power-series.js';

/** Powers of a series by the time that they last: the load-duration curve. */
export interface LoadDuration {
  /**
   * The least power that is not exceeded for this part of the time, from 0 to 1: 0.99 gives P99.
   * Weighted with time, and always a power of the series.
   */
  percentileW(part: number): number;
  /** The time during which the power is above a level. */
  timeAboveS(levelW: number): number;
}

/** Sorts a series by power. O(n log n). */
export function loadDuration({ everyS, powerW, durationS }: PowerSeries): LoadDuration {
  const sortedW = powerW.toSorted();
  const lastW = powerW.at(-1) ?? 0;
  // The last interval may be shorter: as if it lacked this time.
  const lackS = powerW.length * everyS - durationS;
  /** The time at the first `count` of the sorted powers. */
  const lowestS = (count: number) => {
    const hasLast = count > 0 && lastW <= sortedW[count - 1]!;
    return count * everyS - (hasLast ? lackS : 0);
  };
  return {
    percentileW(part) {
      // Rounding of the product must not skip the power that fills exactly this part.
      const untilS = part * durationS * (1 - 1e-12);
      const at = firstIndex(sortedW.length, (k) => lowestS(lastEqual(sortedW, k) + 1) >= untilS);
      return sortedW[Math.min(at, sortedW.length - 1)] ?? 0;
    },
    timeAboveS(levelW) {
      const atMost = firstIndex(sortedW.length, (k) => sortedW[k]! > levelW);
      return Math.max(0, durationS - lowestS(atMost));
    },
  };
}

/** The last index with the power of this one. */
function lastEqual(sortedW: Float64Array, k: number): number {
  return firstIndex(sortedW.length, (other) => sortedW[other]! > sortedW[k]!) - 1;
}

/** The first index for which a condition holds, if it holds for all after it; `length` if for none. */
function firstIndex(length: number, holds: (k: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
