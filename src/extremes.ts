/**
 * The smallest and largest of some numbers; ∞ and −∞ if there are none. Unlike
 * `Math.min(...values)` it takes lists of any length: passing a hundred thousand numbers as
 * arguments overflows the stack.
 */
export function extremes(values: Iterable<number>): {
  readonly least: number;
  readonly most: number;
} {
  let least = Infinity;
  let most = -Infinity;
  for (const value of values) {
    // NaN propagates, as in Math.min and Math.max.
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return { least, most };
}

/** The smallest of some numbers; ∞ if there are none. */
export function least(values: Iterable<number>): number {
  return extremes(values).least;
}

/** The largest of some numbers; −∞ if there are none. */
export function most(values: Iterable<number>): number {
  return extremes(values).most;
}
