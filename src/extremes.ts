/**
 * The least and the most of some numbers; ∞ and −∞ of none. Unlike `Math.min(...values)` it takes
 * lists of any length: an argument for each of a hundred thousand numbers overflows the stack.
 */
export function extremes(values: Iterable<number>): {
  readonly least: number;
  readonly most: number;
} {
  let least = Infinity;
  let most = -Infinity;
  for (const value of values) {
    // NaN stays NaN, as in Math.min and Math.max.
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return { least, most };
}

/** The least of some numbers; ∞ of none. */
export function least(values: Iterable<number>): number {
  return extremes(values).least;
}

/** The most of some numbers; −∞ of none. */
export function most(values: Iterable<number>): number {
  return extremes(values).most;
}
