/** Returns the entry of a key, creating it on first use. */
export function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/**
 * Items grouped by key, groups in the order of their first items. (`Map.groupBy` needs Node.js 21.)
 */
export function groupBy<T, K>(
  items: Iterable<T>,
  keyOf: (item: T, index: number) => K,
): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  let index = 0;
  for (const item of items) entryOf(groups, keyOf(item, index++), (): T[] => []).push(item);
  return groups;
}
