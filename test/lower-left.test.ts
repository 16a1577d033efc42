import test from 'ava';
import fc from 'fast-check';
import { lowerHull, staircase, type Point } from '../src/lower-left.js';
import { checkProperty } from './support/properties.js';

const anyPoints = fc.array(fc.record({ x: fc.nat(40), y: fc.nat(100) }), {
  minLength: 1,
  maxLength: 15,
});

const stairsOf = (points: readonly Point[]) =>
  staircase(
    points,
    ({ x }) => x,
    ({ y }) => y,
  );

test('the staircase is what no other point beats, one of equal ones', async (t) => {
  await checkProperty(t, anyPoints, (points) => {
    const beats = (a: Point, b: Point) => a.x <= b.x && a.y <= b.y && (a.x < b.x || a.y < b.y);
    const best = points.filter((point) => !points.some((other) => beats(other, point)));
    const key = ({ x, y }: Point) => `${x} ${y}`;
    const expected = [...new Set(best.toSorted((a, b) => a.x - b.x).map(key))];
    const found = stairsOf(points);
    if (found.map(key).join() !== expected.join()) throw new Error(found.map(key).join());
    if (found.some((step) => points.find((p) => key(p) === key(step)) !== step)) {
      throw new Error('not the first of equal ones');
    }
  });
});

test('the hull lies below every point, touches some, and is convex', async (t) => {
  const rising = anyPoints.map((points) => [
    ...new Map(points.map((point) => [point.x, point])).values(),
  ]);
  await checkProperty(t, rising, (unsorted) => {
    const points = unsorted.toSorted((a, b) => a.x - b.x);
    const hull = lowerHull(points);
    const slope = (k: number) => (hull[k]!.y - hull[k - 1]!.y) / (hull[k]!.x - hull[k - 1]!.x);
    for (let k = 2; k < hull.length; k++) {
      if (slope(k) <= slope(k - 1)) throw new Error('not convex');
    }
    if (hull.some((vertex) => !points.includes(vertex))) throw new Error('a vertex is no point');
    for (const { x, y } of points) {
      const k = Math.max(
        1,
        hull.findIndex((vertex) => vertex.x >= x),
      );
      const [left, right] = [hull[k - 1]!, hull[k] ?? hull[k - 1]!];
      const onHull = left.y + ((right.y - left.y) * (x - left.x)) / (right.x - left.x || 1);
      if (onHull > y + 1e-9) throw new Error(`the hull is above the point at ${x}`);
    }
  });
});
