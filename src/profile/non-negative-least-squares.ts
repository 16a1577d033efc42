/**
 * Minimises ‖A x − b‖ over x ≥ 0, except for the first `freeCount` unknowns, which may have any
 * sign (the active-set method of Lawson and Hanson, "Solving Least Squares Problems", 1974, chapter
 * 23). For the small, dense problems of curve fitting: about ten unknowns.
 *
 * O(iterations · unknowns³ + rows · unknowns²); there are about as many iterations as unknowns.
 *
 * @param rows the rows of A.
 */
export function nonNegativeLeastSquares(
  rows: readonly (readonly number[])[],
  b: readonly number[],
  freeCount: number,
): number[] {
  const unknowns = rows[0]!.length;
  const { normal, moment } = normalEquations(rows, b);
  const passive = Array.from({ length: unknowns }, (_, j) => j < freeCount);
  let x = solvePassive(normal, moment, passive);
  for (let round = 0; round < 10 * unknowns; round++) {
    const entering = steepestActive(normal, moment, passive, x);
    if (entering < 0) break;
    passive[entering] = true;
    x = stepInside(normal, moment, passive, x, freeCount);
  }
  return x;
}

function normalEquations(
  rows: readonly (readonly number[])[],
  b: readonly number[],
): { normal: number[][]; moment: number[] } {
  const unknowns = rows[0]!.length;
  const moment = new Array<number>(unknowns).fill(0);
  const normal = moment.map(() => new Array<number>(unknowns).fill(0));
  rows.forEach((row, r) => {
    for (let i = 0; i < unknowns; i++) {
      moment[i]! += row[i]! * b[r]!;
      for (let j = 0; j < unknowns; j++) normal[i]![j]! += row[i]! * row[j]!;
    }
  });
  return { normal, moment };
}

/** The unknown held at 0 along which the error falls fastest, or −1. */
function steepestActive(
  normal: readonly (readonly number[])[],
  moment: readonly number[],
  passive: readonly boolean[],
  x: readonly number[],
): number {
  let best = -1;
  let bestGain = 0;
  for (let j = 0; j < x.length; j++) {
    if (passive[j]) continue;
    const gradient = moment[j]! - x.reduce((sum, value, k) => sum + normal[j]![k]! * value, 0);
    // A gain below the rounding error of the sums counts as none; otherwise the method may cycle.
    const gain = gradient / Math.sqrt(normal[j]![j]! + Number.MIN_VALUE);
    const noise = 1e-11 * Math.sqrt(moment.reduce((sum, m) => sum + m * m, 0));
    if (gain > bestGain && gain > noise) {
      best = j;
      bestGain = gain;
    }
  }
  return best;
}

/** Solves for the passive unknowns; those that would fall below 0 are fixed at 0, one by one. */
function stepInside(
  normal: readonly (readonly number[])[],
  moment: readonly number[],
  passive: boolean[],
  from: readonly number[],
  freeCount: number,
): number[] {
  let x = [...from];
  for (;;) {
    const target = solvePassive(normal, moment, passive);
    let fraction = 1;
    let leaving = -1;
    for (let j = freeCount; j < x.length; j++) {
      if (!passive[j] || target[j]! > 0) continue;
      const reach = x[j]! / (x[j]! - target[j]!);
      if (leaving < 0 || reach < fraction) {
        fraction = reach;
        leaving = j;
      }
    }
    if (leaving < 0) return target;
    x = x.map((value, j) => value + fraction * (target[j]! - value));
    x[leaving] = 0;
    passive[leaving] = false;
  }
}

/** Solves the normal equations of the passive unknowns by Cholesky; the others are 0. */
function solvePassive(
  normal: readonly (readonly number[])[],
  moment: readonly number[],
  passive: readonly boolean[],
): number[] {
  const index = passive.flatMap((isPassive, j) => (isPassive ? [j] : []));
  const n = index.length;
  const lower = index.map(() => new Array<number>(n).fill(0));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = normal[index[i]!]![index[j]!]!;
      for (let k = 0; k < j; k++) sum -= lower[i]![k]! * lower[j]![k]!;
      // A pivot lost to rounding means that the unknown adds nothing to those before it.
      const pivot = Math.sqrt(Math.max(sum, 1e-14 * normal[index[i]!]![index[i]!]!));
      lower[i]![j] = i === j ? pivot : sum / lower[j]![j]!;
    }
  }
  const y = index.map((column) => moment[column]!);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) y[i]! -= lower[i]![k]! * y[k]!;
    y[i]! /= lower[i]![i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) y[i]! -= lower[k]![i]! * y[k]!;
    y[i]! /= lower[i]![i]!;
  }
  const x = new Array<number>(moment.length).fill(0);
  index.forEach((column, i) => (x[column] = y[i]!));
  return x;
}
