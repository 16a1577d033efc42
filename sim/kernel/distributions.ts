import type { RandomStream } from './random-streams.js';

/**
 * The z of a probability in the standard normal distribution; |relative error| < 1.2e-9 (P. J.
 * Acklam's rational approximations, in the middle and in the tails).
 */
export function normalQuantile(probability: number): number {
  const tail = 0.02425;
  if (probability < tail) return tailQuantile(Math.sqrt(-2 * Math.log(probability)));
  if (probability > 1 - tail) return -tailQuantile(Math.sqrt(-2 * Math.log(1 - probability)));
  const q = probability - 0.5;
  return (q * polynomial(MIDDLE_ABOVE, q * q)) / polynomial(MIDDLE_BELOW, q * q);
}

function tailQuantile(q: number): number {
  return polynomial(TAIL_ABOVE, q) / polynomial(TAIL_BELOW, q);
}

/** Coefficients of the powers 5 to 0. */
type Coefficients = readonly [number, number, number, number, number, number];

/** Highest power first; not a loop, which takes three times as long: this is most of a draw. */
function polynomial(c: Coefficients, x: number): number {
  return ((((c[0] * x + c[1]) * x + c[2]) * x + c[3]) * x + c[4]) * x + c[5];
}

const MIDDLE_ABOVE: Coefficients = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2,
  -3.066479806614716e1, 2.506628277459239,
];
const MIDDLE_BELOW: Coefficients = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1,
  -1.328068155288572e1, 1,
];
const TAIL_ABOVE: Coefficients = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734,
  4.374664141464968, 2.938163982698783,
];
const TAIL_BELOW: Coefficients = [
  0, 7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1,
];

/** Draws from the standard normal distribution. */
export function drawNormal(uniform: RandomStream): number {
  // A stream may yield 0, whose quantile is infinite.
  return normalQuantile(Math.max(uniform(), Number.EPSILON));
}

/** Values beyond this many standard deviations are redrawn. */
const TRUNCATED_AT = 3;
/** Standard deviation after that truncation: √(1 − 2 · 3 · φ(3) / (2 Φ(3) − 1)). */
const TRUNCATED_SD = 0.986578131;

/** Draws from a normal distribution without tails, with mean 0 and standard deviation 1. */
export function drawTruncatedNormal(uniform: RandomStream): number {
  for (;;) {
    const z = drawNormal(uniform);
    if (Math.abs(z) <= TRUNCATED_AT) return z / TRUNCATED_SD;
  }
}

/** Draws the time to the next of a series of independent events. */
export function drawExponential(uniform: RandomStream, mean: number): number {
  return -mean * Math.log(1 - uniform());
}

/** Draws a value between two bounds, with all orders of magnitude equally likely. */
export function drawLogUniform(uniform: RandomStream, low: number, high: number): number {
  return low * (high / low) ** uniform();
}

/** Quantiles of a distribution, rising, with straight lines between them. */
export type QuantileTable = readonly (readonly [probability: number, value: number])[];

/** Draws from a distribution given by some of its quantiles, from probability 0 to 1. */
export function drawFromQuantiles(uniform: RandomStream, table: QuantileTable): number {
  const u = uniform();
  const above = table.findIndex(([probability]) => probability > u);
  const [high, highValue] = table[above]!;
  const [low, lowValue] = table[above - 1]!;
  return lowValue + ((u - low) / (high - low)) * (highValue - lowValue);
}

/** Skewed to the right: 1 − A + A · exp(s z − s²/2), of mean 1, with z standard normal. */
export interface ShiftedLognormal {
  readonly shape: number;
  readonly amplitude: number;
}

/** 99th percentile of the standard normal distribution. */
const Z99 = 2.3263478740408408;
/** The largest shape tried: beyond 1, (p99 − 1) / sd falls again. */
const LARGEST_SHAPE = 1;
const BISECTIONS = 60;

/**
 * The shifted lognormal of mean 1 with a standard deviation and a 99th percentile. No such
 * distribution has (p99 − 1) / sd above 3.97; beyond that the nearest one is taken, so a published
 * p99 of 2.0 at sd 0.25 becomes 1.99.
 *
 * @param p99 above 1 + 2.33 · sd, that of a normal distribution.
 */
export function shiftedLognormal(sd: number, p99: number): ShiftedLognormal {
  const wanted = (p99 - 1) / sd;
  const reached = (s: number) => Math.expm1(s * Z99 - (s * s) / 2) / Math.sqrt(Math.expm1(s * s));
  let low = 1e-6;
  let high = LARGEST_SHAPE;
  for (let k = 0; k < BISECTIONS; k++) {
    const middle = (low + high) / 2;
    if (reached(middle) < wanted) low = middle;
    else high = middle;
  }
  return { shape: high, amplitude: sd / Math.sqrt(Math.expm1(high * high)) };
}

/** The value of a shifted lognormal at a z. */
export function shiftedLognormalAt({ shape, amplitude }: ShiftedLognormal, z: number): number {
  return 1 + amplitude * Math.expm1(shape * z - (shape * shape) / 2);
}

/** The correlation between two z that gives their shifted lognormals the desired correlation. */
export function copulaCorrelation(
  a: ShiftedLognormal,
  b: ShiftedLognormal,
  correlation: number,
): number {
  const spread = Math.sqrt(Math.expm1(a.shape ** 2) * Math.expm1(b.shape ** 2));
  return Math.min(1, Math.log1p(correlation * spread) / (a.shape * b.shape));
}
