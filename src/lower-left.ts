/**
 * Items that no other beats on both x and y, where less is better: x rises, y falls. Of equal items
 * the first is kept. O(n log n).
 */
export function staircase<T>(
  items: Iterable<T>,
  xOf: (item: T) => number,
  yOf: (item: T) => number,
): T[] {
  const kept: T[] = [];
  for (const item of [...items].sort((a, b) => xOf(a) - xOf(b) || yOf(a) - yOf(b))) {
    const last = kept.at(-1);
    if (last === undefined || yOf(item) < yOf(last)) kept.push(item);
  }
  return kept;
}

/** A point of a curve. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * The lower convex hull of the points: vertices from left to right (Andrew's monotone chain). O(n).
 * @param points with strictly rising x.
 */
export function lowerHull(points: readonly Point[]): Point[] {
  const hull: Point[] = [];
  for (const point of points) {
    while (hull.length >= 2 && !turnsUp(hull.at(-2)!, hull.at(-1)!, point)) hull.pop();
    hull.push(point);
  }
  return hull;
}

/** Whether the path a → b → c turns upwards at b, as a convex curve must. */
function turnsUp(a: Point, b: Point, c: Point): boolean {
  return (b.y - a.y) * (c.x - b.x) < (c.y - b.y) * (b.x - a.x);
}
