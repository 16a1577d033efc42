import { firstAtOrAfter, type Observations } from './observations.js';
import { EXCLUDED, type WorkCourse } from './work-course.js';

/** Powers that explain observed energies best. */
export interface PowerFit {
  /** By group, W. */
  readonly powerW: readonly number[];
  /** Their standard errors, W; infinite where no observation has the group. */
  readonly errorW: readonly number[];
  /** Observations that were used. */
  readonly count: number;
  /** The rest: sum of squares, W². */
  readonly restW2: number;
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
 * Fits the power of every group of a course to the energies observed between pairs of moments, by
 * least squares. Where instructions are shorter than the time between samples, one energy says
 * little about an instruction, but each is a sum of known times at unknown powers, and hundreds of
 * them determine the powers.
 *
 * Fits mean powers of observations, which all have the same weight. O(observations · log n + groups³).
 *
 * @param offsetS the samples' clock when the instructions' clock says 0.
 * @param stride uses only every so many observations.
 * @returns undefined if no observation counts.
 */
export function fitPowers(
  course: WorkCourse,
  observed: Observations,
  offsetS: number,
  stride = 1,
): PowerFit | undefined {
  const { groups, startS, endS } = course;
  const sums = emptySums(groups.length);
  const shares = new Float64Array(groups.length);
  const [touched, unknown]: [number[], number[]] = [[], []];
  const { fromS, toS, energyJ } = observed;
  const untilS = (endS.at(-1) ?? -Infinity) + offsetS;
  for (
    let k = Math.ceil(firstAtOrAfter(fromS, (startS[0] ?? Infinity) + offsetS) / stride) * stride;
    k < toS.length && toS[k]! <= untilS;
    k += stride
  ) {
    const lengthS = toS[k]! - fromS[k]!;
    if (addShares(course, fromS[k]! - offsetS, lengthS, shares, touched)) {
      let observedW = energyJ[k]! / lengthS;
      unknown.length = 0;
      for (const g of touched) {
        const { knownW } = groups[g]!;
        if (knownW === undefined) unknown.push(g);
        else observedW -= shares[g]! * knownW;
      }
      addRow(sums, shares, unknown, observedW);
    }
    for (const g of touched) shares[g] = 0;
    touched.length = 0;
  }
  return sums.count === 0 ? undefined : solved(sums, course);
}

function emptySums(unknowns: number): Sums {
  return {
    normal: Array.from({ length: unknowns }, () => new Array<number>(unknowns).fill(0)),
    moment: new Array<number>(unknowns).fill(0),
    ...{ count: 0, sumW: 0, squaresW: 0 },
  };
}

/** Adds the parts of a window that each group takes; false if it touches what does not count. */
function addShares(
  { startS, endS, group }: WorkCourse,
  fromS: number,
  lengthS: number,
  shares: Float64Array,
  touched: number[],
): boolean {
  const untilS = fromS + lengthS;
  for (let i = firstAtOrAfter(endS, fromS); i < startS.length && startS[i]! < untilS; i++) {
    const part = (Math.min(endS[i]!, untilS) - Math.max(startS[i]!, fromS)) / lengthS;
    if (part <= 0) continue;
    const of = group[i]!;
    if (of === EXCLUDED) return false;
    if (shares[of] === 0) touched.push(of);
    shares[of]! += part;
  }
  return true;
}

function addRow(
  sums: Sums,
  shares: Float64Array,
  touched: readonly number[],
  observedW: number,
): void {
  const { normal, moment } = sums;
  for (const i of touched) {
    moment[i]! += shares[i]! * observedW;
    for (const j of touched) normal[i]![j]! += shares[i]! * shares[j]!;
  }
  sums.count++;
  sums.sumW += observedW;
  sums.squaresW += observedW * observedW;
}

/** Added to the diagonal, relative to it: what is not determined gets a finite, huge error. */
const RIDGE = 1e-10;
/** Observations are not more exact than this part of the mean power. */
const LEAST_REST = 1e-3;

function solved({ normal, moment, count, sumW, squaresW }: Sums, { groups }: WorkCourse): PowerFit {
  const inverse = inverted(normal);
  const powerW = moment.map((_, i) => product(inverse[i]!, moment));
  const restW2 = Math.max(0, squaresW - product(powerW, moment));
  const floor = (LEAST_REST * sumW) / count;
  const variance = Math.max(restW2 / Math.max(1, count - moment.length), floor * floor);
  const errorOf = (i: number) =>
    normal[i]![i] === 0 ? Infinity : Math.sqrt(variance * inverse[i]![i]!);
  return {
    powerW: powerW.map((each, i) => groups[i]!.knownW ?? each),
    errorW: powerW.map((_, i) => (groups[i]!.knownW === undefined ? errorOf(i) : 0)),
    ...{ count, restW2 },
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
