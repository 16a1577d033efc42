import { nonNegativeLeastSquares } from './non-negative-least-squares.js';

/**
 * A smooth curve that only rises or only falls: a cubic B-spline with coefficients that only rise
 * or only fall (Ramsay, "Monotone regression splines in action", Statistical Science 1988).
 * Coefficients have the unit of the curve and read like it: each is about the curve's value near
 * its own knots.
 */
export interface MonotoneSpline {
  /** Evenly spaced breakpoints from the smallest to the largest x, at least two. */
  readonly knots: readonly number[];
  /** Number of knots + 2. */
  readonly coefficients: readonly number[];
}

const DEGREE = 3;

/** Value of the spline; outside its knots, the value at the nearest end. O(1). */
export function evaluateSpline(spline: MonotoneSpline, x: number): number {
  const { knots, coefficients } = spline;
  const { first, weights } = basisAt(knots, x);
  return weights.reduce((sum, weight, k) => sum + weight * coefficients[first + k]!, 0);
}

/**
 * Points that a spline is fitted to: x rising, y > 0. An error counts `weight` times in the sum.
 */
export interface SplinePoint {
  readonly x: number;
  readonly y: number;
  readonly weight: number;
}

/**
 * Least-squares fit, in relative errors, of a spline that falls (`direction` −1) or rises (+1).
 *
 * Of 8 to 16 knots, the number that best predicts left-out points is taken, the smaller on a tie;
 * if that misses `FAITHFUL_RMS` and some number up to 20 does not, the smallest such number. There
 * are at most half as many knots as points.
 *
 * O(knots³ · numbers of knots tried): a few milliseconds for a few dozen points.
 */
export function fitMonotoneSpline(
  points: readonly SplinePoint[],
  direction: 1 | -1,
): MonotoneSpline {
  const fitWith = (knotCount: number) =>
    fitWithKnots(points, direction, evenKnots(points, knotCount));
  const mostKnots = Math.max(2, Math.floor(points.length / 2));
  let best = Math.min(FEWEST_KNOTS, mostKnots);
  let bestError = Infinity;
  for (let knotCount = best; knotCount <= Math.min(16, mostKnots); knotCount++) {
    const error = crossValidationError(points, direction, knotCount);
    if (error < bestError) {
      best = knotCount;
      bestError = error;
    }
  }
  for (let knotCount = best; knotCount <= Math.min(20, mostKnots); knotCount++) {
    const spline = fitWith(knotCount);
    if (rmsError(spline, points) <= FAITHFUL_RMS) return spline;
  }
  return fitWith(best);
}

/** Root mean square of the relative error that a curve should not exceed if possible. */
const FAITHFUL_RMS = 0.005;
/**
 * With fewer, left-out points alone would settle for four on an A100: these are predicted as well,
 * but the bend into the power limit is lost (0.2–0.3 % of the time, in the same direction at
 * neighbouring clocks).
 */
const FEWEST_KNOTS = 8;
const FOLDS = 5;

/** Unweighted: the error that a reader of the curve sees. */
function rmsError(spline: MonotoneSpline, points: readonly SplinePoint[]): number {
  const squared = points.map(({ x, y }) => (evaluateSpline(spline, x) / y - 1) ** 2);
  return Math.sqrt(squared.reduce((sum, e) => sum + e, 0) / points.length);
}

function evenKnots(points: readonly SplinePoint[], count: number): number[] {
  const low = points[0]!.x;
  const high = points.at(-1)!.x;
  return Array.from({ length: count }, (_, k) => low + ((high - low) * k) / (count - 1));
}

function fitWithKnots(
  points: readonly SplinePoint[],
  direction: 1 | -1,
  knots: readonly number[],
): MonotoneSpline {
  const coefficientCount = knots.length + DEGREE - 1;
  // Unknowns: the first coefficient, then the steps from each to the next, which must not change
  // direction.
  const rows = points.map(({ x, y, weight }) => {
    const { first, weights } = basisAt(knots, x);
    return Array.from({ length: coefficientCount }, (_, j) => {
      const reached = weights.reduce((sum, w, k) => (first + k >= j ? sum + w : sum), 0);
      return (weight * (j === 0 ? 1 : direction) * reached) / y;
    });
  });
  const steps = nonNegativeLeastSquares(
    rows,
    points.map(({ weight }) => weight),
    1,
  );
  let value = 0;
  const coefficients = steps.map((step, j) => (value += j === 0 ? step : direction * step));
  return { knots, coefficients };
}

/**
 * Weighted sum of squared relative errors on points left out of the fit; the ends are never left
 * out.
 */
function crossValidationError(
  points: readonly SplinePoint[],
  direction: 1 | -1,
  knotCount: number,
): number {
  const knots = evenKnots(points, knotCount);
  let squared = 0;
  for (let fold = 0; fold < FOLDS; fold++) {
    const isLeftOut = (i: number) => i > 0 && i < points.length - 1 && i % FOLDS === fold;
    const spline = fitWithKnots(
      points.filter((_, i) => !isLeftOut(i)),
      direction,
      knots,
    );
    points.forEach(({ x, y, weight }, i) => {
      if (isLeftOut(i)) squared += (weight * (evaluateSpline(spline, x) / y - 1)) ** 2;
    });
  }
  return squared;
}

/**
 * The four cubic B-splines that are not zero at x, by the Cox–de Boor recursion, over the knots
 * with both ends repeated. They add up to 1.
 */
function basisAt(
  knots: readonly number[],
  x: number,
): { first: number; weights: readonly number[] } {
  const last = knots.length - 1;
  const clamped = Math.min(Math.max(x, knots[0]!), knots[last]!);
  let span = 0;
  while (span < last - 1 && clamped >= knots[span + 1]!) span++;
  const knotAt = (k: number) => knots[Math.min(Math.max(k, 0), last)]!;
  const weights = [1];
  for (let degree = 1; degree <= DEGREE; degree++) {
    let carried = 0;
    for (let k = 0; k < degree; k++) {
      const right = knotAt(span + k + 1);
      const left = knotAt(span + k + 1 - degree);
      const share = weights[k]! / (right - left);
      weights[k] = carried + (right - clamped) * share;
      carried = (clamped - left) * share;
    }
    weights.push(carried);
  }
  return { first: span, weights };
}
