import type { PowerSeries } from '../power-series.js';

/**
 * Mean powers of `count` intervals of equal length that cover a series: its energy is kept exactly,
 * interval by interval. O(n + count).
 */
export function rebinned({ everyS, powerW, durationS }: PowerSeries, count: number): Float64Array {
  const meansW = new Float64Array(count);
  const lengthS = durationS / count;
  const lastIndex = powerW.length - 1;
  for (let bin = 0, k = 0; bin < count; bin++) {
    const untilS = (bin + 1) * lengthS;
    let fromS = bin * lengthS;
    let energyJ = 0;
    for (; k < lastIndex && (k + 1) * everyS <= untilS; k++) {
      energyJ += ((k + 1) * everyS - fromS) * powerW[k]!;
      fromS = (k + 1) * everyS;
    }
    energyJ += (untilS - fromS) * powerW[k]!;
    meansW[bin] = energyJ / lengthS;
  }
  return meansW;
}
