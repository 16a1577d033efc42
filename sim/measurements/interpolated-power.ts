import { entryOf } from '../../src/groups.js';
import { instructionKey } from './instruction-key.js';
import type { GpuSamples } from './measured.js';
import { energyBetween, energyOverTime } from './observations.js';
import type { SeriesPower } from './series-powers.js';
import type { PlacedSeries } from './placed-series.js';

/**
 * Powers by interpolation: the energy of an instruction is that of the cumulative counter between
 * its begin and its end. Right for instructions much longer than the time between samples; shorter
 * ones get part of the power of their neighbours. O(spans · log samples).
 */
export function interpolatedPowers(
  list: readonly PlacedSeries[],
  samples: GpuSamples,
  offsetS: number,
): SeriesPower[] {
  const over = energyOverTime(samples);
  if (over === undefined) return [];
  return list.flatMap(({ at, series: { spans, keeps, iteration } }) => {
    const sums = new Map<string, { energyJ: number; timeS: number }>();
    spans.forEach((span, k) => {
      if (!keeps[iteration[k]!] || span.startS === undefined) return;
      const fromS = span.startS + offsetS;
      const energyJ = energyBetween(over, fromS, fromS + span.timeS);
      if (energyJ === undefined) return;
      const sum = entryOf(sums, instructionKey(span), () => ({ energyJ: 0, timeS: 0 }));
      sum.energyJ += energyJ;
      sum.timeS += span.timeS;
    });
    return [...sums].map(([what, { energyJ, timeS }]) => ({ at, what, powerW: energyJ / timeS }));
  });
}
