import FFT from 'fft.js';
import type { PowerSeries } from '../power-series.js';

/**
 * The correlation of a series with itself, shifted by 0, 1, … intervals, around its mean; 1 without a
 * shift. Biased (a sum over the intervals that overlap, over the sum of all), as is usual: long shifts
 * tend to 0. A constant series has no correlation: 0 but for the first. O(n log n).
 *
 * @param shifts the number of shifts; at most that of intervals.
 */
export function autocorrelation({ powerW }: PowerSeries, shifts: number): Float64Array {
  const count = powerW.length;
  const correlation = new Float64Array(Math.min(shifts, count));
  if (correlation.length === 0) return correlation;
  correlation[0] = 1;
  const mean = powerW.reduce((sum, value) => sum + value, 0) / count;
  // Zeros as long as the series keep its end from meeting its beginning.
  const points = 2 ** Math.max(1, Math.ceil(Math.log2(2 * count)));
  const around = new Float64Array(points);
  for (let k = 0; k < count; k++) around[k] = powerW[k]! - mean;
  const fft = new FFT(points);
  const lines = new Float64Array(2 * points);
  fft.realTransform(lines, around);
  fft.completeSpectrum(lines);
  for (let k = 0; k < points; k++) {
    lines[2 * k] = lines[2 * k]! ** 2 + lines[2 * k + 1]! ** 2;
    lines[2 * k + 1] = 0;
  }
  const products = new Float64Array(2 * points);
  fft.inverseTransform(products, lines);
  const whole = products[0]!;
  // Rounding leaves a constant series with squares of this size.
  if (whole <= count * (1e-12 * mean) ** 2) return correlation;
  for (let k = 1; k < correlation.length; k++) correlation[k] = products[2 * k]! / whole;
  return correlation;
}
