import { mean, quantileSorted } from 'simple-statistics';
import { randomStream } from '../kernel/random-streams.js';

/** A confidence interval of a mean. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Options of a bootstrap. */
export interface BootstrapOptions {
  readonly seed: number;
  readonly confidence?: number;
  readonly resamples?: number;
}

/**
 * Percentile bootstrap interval of the mean of values (Efron, 1979): means of the same number of values
 * drawn with replacement, cut off at both ends. O(resamples · values).
 *
 * @param values at least one; the interval of a single one is that value.
 */
export function bootstrapInterval(
  values: readonly number[],
  { seed, confidence = 0.95, resamples = 2000 }: BootstrapOptions,
): Interval {
  if (values.length === 1) return { low: values[0]!, high: values[0]! };
  const uniform = randomStream(seed, 'bootstrap');
  const drawn = new Array<number>(values.length);
  const means = Array.from({ length: resamples }, () => {
    for (let k = 0; k < drawn.length; k++) drawn[k] = values[Math.floor(uniform() * drawn.length)]!;
    return mean(drawn);
  }).sort((a, b) => a - b);
  const tail = (1 - confidence) / 2;
  return { low: quantileSorted(means, tail), high: quantileSorted(means, 1 - tail) };
}
