/**
 * The exact sum of doubles, rounded once (Shewchuk 1997: partial sums that do not overlap). Slow;
 * the oracle for compensated sums.
 */
export function exactSum(values: Iterable<number>): number {
  let partials: number[] = [];
  for (const value of values) {
    let x = value;
    const kept: number[] = [];
    for (const y of partials) {
      const [large, small] = Math.abs(x) >= Math.abs(y) ? [x, y] : [y, x];
      const sum = large + small;
      const lost = small - (sum - large);
      if (lost !== 0) kept.push(lost);
      x = sum;
    }
    kept.push(x);
    partials = kept;
  }
  return partials.reduce((sum, partial) => sum + partial, 0);
}
