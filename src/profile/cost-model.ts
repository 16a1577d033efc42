import { lowerHull } from '../lower-left.js';

/**
 * Cost models: from a few measured (duration, effective energy) points to a convex, non-increasing
 * curve over every whole tick between them.
 */

/** The type of curve to fit to the points. */
export type CostModelName = 'exponential' | 'hull';

/** Effective energy of one option, at its whole-tick duration. */
export interface CostPoint {
  readonly ticks: number;
  readonly costJ: number;
}

/**
 * c(d) = a · exp(b · (d − originTicks)) + c with a > 0, b < 0 (Perseus, SOSP '24, section 4.1);
 * counted from the fastest option so that `a` stays a sensible number when b is small.
 */
export interface ExponentialCost {
  readonly form: 'exponential';
  readonly originTicks: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** c(d) = intercept + slope · (d − originTicks) with slope ≤ 0. */
export interface StraightLineCost {
  readonly form: 'line';
  readonly originTicks: number;
  readonly slope: number;
  readonly intercept: number;
}

/**
 * An exponential that bends by less than this over the whole range is a straight line: its `a` and
 * `c` grow without bound and cancel, so the reference's search stops at an arbitrary point (Bloom
 * 176B forward on A40: at b · range ≈ −1e-3).
 */
const SMALLEST_BEND = 1e-2;
/** The steepest exponential tried falls to e^-60 of its start within the range. */
const LARGEST_BEND = 60;
const COARSE_STEPS = 120;
const GOLDEN_SECTION = (Math.sqrt(5) - 1) / 2;
/** Golden-section steps: 0.618^60 is below the rounding error of a double. */
const FINE_STEPS = 60;

/**
 * Least-squares fit of the exponential. For a fixed `b` it is linear in `a` and `c`, so this is a
 * search along one line, log(−b): a coarse scan for the valley, then golden section. Needs no
 * starting guess. Where the points lie on a straight line, or bend the wrong way, the line is the
 * limit of the fit and is returned instead.
 *
 * O(points · steps).
 *
 * @param points at least one, durations strictly rising.
 */
export function fitExponentialCost(
  points: readonly CostPoint[],
): ExponentialCost | StraightLineCost {
  const originTicks = points[0]!.ticks;
  const range = points.at(-1)!.ticks - originTicks;
  if (points.length < 3) return fitLine(points);
  const logLow = Math.log(SMALLEST_BEND / range);
  const logHigh = Math.log(LARGEST_BEND / range);
  const step = (logHigh - logLow) / COARSE_STEPS;
  const errorAt = (logB: number) => fitForBend(points, -Math.exp(logB)).squaredError;
  let best = 0;
  let bestError = Infinity;
  for (let k = 0; k <= COARSE_STEPS; k++) {
    const error = errorAt(logLow + k * step);
    if (error < bestError) {
      best = k;
      bestError = error;
    }
  }
  if (best === 0) return fitLine(points);
  const logB = goldenSection(errorAt, logLow + (best - 1) * step, logLow + (best + 1) * step);
  const b = -Math.exp(logB);
  const { a, c } = fitForBend(points, b);
  return { form: 'exponential', originTicks, a, b, c };
}

/** Effective energy at a duration, by a fitted curve. */
export function evaluateCost(cost: ExponentialCost | StraightLineCost, ticks: number): number {
  const d = ticks - cost.originTicks;
  return cost.form === 'line'
    ? cost.intercept + cost.slope * d
    : cost.a * Math.exp(cost.b * d) + cost.c;
}

/**
 * Tabulates a cost model for every whole tick from `minTicks` to `maxTicks`.
 *
 * @param points fastest first, durations strictly rising.
 * @returns `costJ[d − minTicks]`, non-increasing and convex.
 */
export function costTable(
  model: CostModelName,
  points: readonly CostPoint[],
  minTicks: number,
  maxTicks: number,
): Float64Array {
  const table = new Float64Array(maxTicks - minTicks + 1);
  if (model === 'hull') {
    fillHull(table, points, minTicks);
  } else {
    const cost = fitExponentialCost(points);
    for (let k = 0; k < table.length; k++) table[k] = evaluateCost(cost, minTicks + k);
  }
  return table;
}

function fillHull(table: Float64Array, points: readonly CostPoint[], minTicks: number): void {
  const hull = lowerHull(points.map(({ ticks, costJ }) => ({ x: ticks, y: costJ })));
  table[0] = hull[0]!.y;
  for (let v = 1; v < hull.length; v++) {
    const left = hull[v - 1]!;
    const right = hull[v]!;
    const slope = Math.min(0, (right.y - left.y) / (right.x - left.x));
    const start = table[left.x - minTicks]!;
    for (let d = left.x + 1; d <= right.x; d++) {
      table[d - minTicks] = start + slope * (d - left.x);
    }
  }
}

function fitLine(points: readonly CostPoint[]): StraightLineCost {
  const originTicks = points[0]!.ticks;
  const { slope, intercept } = linearLeastSquares(points, (ticks) => ticks - originTicks);
  if (slope <= 0) return { form: 'line', originTicks, slope, intercept };
  return { form: 'line', originTicks, slope: 0, intercept: intercept + slope * meanTicks(points) };
}

function meanTicks(points: readonly CostPoint[]): number {
  const originTicks = points[0]!.ticks;
  return points.reduce((sum, p) => sum + p.ticks - originTicks, 0) / points.length;
}

/** The best a and c for a given b; infinitely bad if the best `a` would bend the wrong way. */
function fitForBend(
  points: readonly CostPoint[],
  b: number,
): { a: number; c: number; squaredError: number } {
  const originTicks = points[0]!.ticks;
  const shape = (ticks: number) => Math.exp(b * (ticks - originTicks));
  const { slope: a, intercept: c } = linearLeastSquares(points, shape);
  let squaredError = 0;
  for (const { ticks, costJ } of points) squaredError += (a * shape(ticks) + c - costJ) ** 2;
  return { a, c, squaredError: a > 0 ? squaredError : Infinity };
}

/** Least squares of costJ against slope · x(ticks) + intercept, centred for accuracy. */
function linearLeastSquares(
  points: readonly CostPoint[],
  x: (ticks: number) => number,
): { slope: number; intercept: number } {
  const n = points.length;
  let meanX = 0;
  let meanY = 0;
  for (const { ticks, costJ } of points) {
    meanX += x(ticks) / n;
    meanY += costJ / n;
  }
  let xx = 0;
  let xy = 0;
  for (const { ticks, costJ } of points) {
    const dx = x(ticks) - meanX;
    xx += dx * dx;
    xy += dx * (costJ - meanY);
  }
  const slope = xx > 0 ? xy / xx : 0;
  return { slope, intercept: meanY - slope * meanX };
}

/** The minimum of a function with one valley in [low, high]. */
function goldenSection(f: (x: number) => number, low: number, high: number): number {
  let left = high - GOLDEN_SECTION * (high - low);
  let right = low + GOLDEN_SECTION * (high - low);
  let fLeft = f(left);
  let fRight = f(right);
  for (let k = 0; k < FINE_STEPS; k++) {
    if (fLeft < fRight) {
      high = right;
      right = left;
      fRight = fLeft;
      left = high - GOLDEN_SECTION * (high - low);
      fLeft = f(left);
    } else {
      low = left;
      left = right;
      fLeft = fRight;
      right = low + GOLDEN_SECTION * (high - low);
      fRight = f(right);
    }
  }
  return (low + high) / 2;
}
