/**
 * The last whole number from `first` to `last` that passes a test, by bisection: all that pass must
 * come before all that fail. `first` is not tested; it is the answer if no other passes. O(log
 * (last − first)) tests.
 */
export function lastPassing(
  first: number,
  last: number,
  passes: (value: number) => boolean,
): number {
  let low = first;
  let high = last;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (passes(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The number of indexes, counted from 0, that pass a test which all later ones fail. */
export function countPassing(length: number, passes: (index: number) => boolean): number {
  return lastPassing(-1, length - 1, passes) + 1;
}
