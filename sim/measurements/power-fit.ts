import { firstAtOrAfter, type Observations } from './observations.js';

/** The course of a GPU's work: intervals in order of time, without overlaps. */
export interface WorkCourse {
  readonly startS: Float64Array;
  readonly endS: Float64Array;
  /** The group of each interval, whose power is unknown; `EXCLUDED` for what does not count. */
  readonly group: Int32Array;
  /** Number of groups; the time between intervals is one more. */
  readonly groups: number;
}

/** The group of intervals that do not count: no observation that touches one is used. */
export const EXCLUDED = -1;

/** Powers that explain observed energies best. */
export interface PowerFit {
  /** By group, W; the last is that between intervals. */
  readonly powerW: readonly number[];
  /** Their standard errors, W; infinite where the observations do not tell groups apart. */
  readonly errorW: readonly number[];
  /** Observations that were used. */
  readonly count: number;
  /** The rest: root of the mean square, W. */
  readonly restW: number;
  /** Of the variance of the observed powers, the part that the groups explain. */
  readonly explained: number;
}

/** The sums of a least-squares problem. */
interface Sums {
  readonly normal: number[][];
  readonly moment: number[];
  count: number;
  sumW: number;
  squaresW: number;
}

/**
 * Fits the power of every group, and of the time between intervals, to the energies observed
 * between pairs of moments, by least squares. Where instructions are shorter than the time between
 * samples, one energy says little about an instruction, but each is a sum of known times at unknown
 * powers, and hundreds of them determine the powers.
 *
 * Solves for mean powers of observations, which all have the same weight. O(observations · (groups² +
 * log n) + intervals).
 *
 * @param offsetS the samples' clock when the instructions' clock says 0.
 * @param waitingW the power between intervals, if it is known.
 * @param stride uses only every so many observations.
 * @returns undefined if no observation counts.
 */
export function fitPowers(
  course: WorkCourse,
  observed: Observations,
  offsetS: number,
  waitingW?: number,
  stride = 1,
): PowerFit | undefined {
  const unknowns = course.groups + (waitingW === undefined ? 1 : 0);
  const sums: Sums = {
    normal: Array.from({ length: unknowns }, () => new Array<number>(unknowns).fill(0)),
    moment: new Array<number>(unknowns).fill(0),
    ...{ count: 0, sumW: 0, squaresW: 0 },
  };
  const shares = new Float64Array(course.groups + 1);
  const { fromS, toS, energyJ } = observed;
  for (let k = 0; k < toS.length; k += stride) {
    const lengthS = toS[k]! - fromS[k]!;
    if (!sharesOf(course, fromS[k]! - offsetS, lengthS, shares)) continue;
    addRow(sums, shares, energyJ[k]! / lengthS - (waitingW ?? 0) * shares[course.groups]!);
  }
  return sums.count === 0 ? undefined : solved(sums, waitingW);
}

/** The parts of a window that each group takes; false if it touches what does not count. */
function sharesOf(
  { startS, endS, group, groups }: WorkCourse,
  fromS: number,
  lengthS: number,
  shares: Float64Array,
): boolean {
  const untilS = fromS + lengthS;
  const n = startS.length;
  if (n === 0 || fromS < startS[0]! || untilS > endS[n - 1]!) return false;
  shares.fill(0);
  let free = 1;
  for (let i = firstAtOrAfter(endS, fromS); i < n && startS[i]! < untilS; i++) {
    const part = (Math.min(endS[i]!, untilS) - Math.max(startS[i]!, fromS)) / lengthS;
    if (part <= 0) continue;
    if (group[i] === EXCLUDED) return false;
    shares[group[i]!]! += part;
    free -= part;
  }
  shares[groups] = Math.max(0, free);
  return true;
}

function addRow(sums: Sums, shares: Float64Array, observedW: number): void {
  const { normal, moment } = sums;
  for (let i = 0; i < moment.length; i++) {
    const share = shares[i]!;
    if (share === 0) continue;
    moment[i]! += share * observedW;
    for (let j = 0; j < moment.length; j++) normal[i]![j]! += share * shares[j]!;
  }
  sums.count++;
  sums.sumW += observedW;
  sums.squaresW += observedW * observedW;
}

/** Added to the diagonal, relative to it: what is not determined gets a finite, huge error. */
const RIDGE = 1e-10;
/** Observations are not more exact than this part of the mean power. */
const LEAST_REST = 1e-3;

function solved({ normal, moment, count, sumW, squaresW }: Sums, waitingW?: number): PowerFit {
  const inverse = inverted(normal);
  const powerW = moment.map((_, i) => product(inverse[i]!, moment));
  const rest = Math.max(0, squaresW - product(powerW, moment));
  const floor = (LEAST_REST * sumW) / count;
  const variance = Math.max(rest / Math.max(1, count - moment.length), floor * floor);
  const spread = squaresW - (sumW * sumW) / count;
  const errorW = inverse.map((row, i) =>
    normal[i]![i] === 0 ? Infinity : Math.sqrt(variance * row[i]!),
  );
  return {
    powerW: waitingW === undefined ? powerW : [...powerW, waitingW],
    errorW: waitingW === undefined ? errorW : [...errorW, 0],
    count,
    restW: Math.sqrt(variance),
    explained: spread > 0 ? 1 - rest / spread : 0,
  };
}

function product(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, each, k) => sum + each * b[k]!, 0);
}

/** The inverse of a symmetric matrix of sums of squares (Gauss–Jordan, scaled to a diagonal of 1). */
function inverted(matrix: readonly (readonly number[])[]): number[][] {
  const n = matrix.length;
  const scale = matrix.map((row, i) => (row[i]! > 0 ? 1 / Math.sqrt(row[i]!) : 1));
  const a = matrix.map((row, i) => row.map((each, j) => each * scale[i]! * scale[j]!));
  const inverse = a.map((_, i) => a.map((__, j): number => (i === j ? 1 : 0)));
  for (let i = 0; i < n; i++) a[i]![i]! += a[i]![i]! > 0 ? RIDGE : 1;
  for (let pivot = 0; pivot < n; pivot++) {
    const by = a[pivot]![pivot]!;
    for (let j = 0; j < n; j++) {
      a[pivot]![j]! /= by;
      inverse[pivot]![j]! /= by;
    }
    for (let i = 0; i < n; i++) {
      const factor = a[i]![pivot]!;
      if (i === pivot || factor === 0) continue;
      for (let j = 0; j < n; j++) {
        a[i]![j]! -= factor * a[pivot]![j]!;
        inverse[i]![j]! -= factor * inverse[pivot]![j]!;
      }
    }
  }
  return inverse.map((row, i) => row.map((each, j) => each * scale[i]! * scale[j]!));
}
