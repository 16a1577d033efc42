const LONGEST_NAME = 100;

/**
 * The candidate that was probably meant: the one with the fewest typing errors from `name`, or one
 * that contains it or is contained in it; undefined if all are too far off.
 */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  // A name this long is not a typing error, and comparing it takes long.
  if (name.length > LONGEST_NAME) return undefined;
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    const contained =
      Math.min(wanted.length, other.length) >= 3 &&
      (wanted.includes(other) || other.includes(wanted));
    const distance = contained ? 1 : editDistance(wanted, other);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/**
 * The number of letters to replace, insert, delete or swap with their neighbour (optimal string
 * alignment). O(|a| · |b|).
 */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? before[j - 2]! + 1 : Infinity;
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1, swapped));
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}
