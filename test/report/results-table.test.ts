import test from 'ava';
import fc from 'fast-check';
import { bestResults, groupResults, paretoResults } from '../../sim/report/results-table.js';
import { checkProperty } from '../support/properties.js';

const COLUMNS = {
  policy: ['a', 'b', 'a', 'b', 'a'],
  gpu: ['x', 'x', 'y', 'y', 'x'],
  saving: [1, 10, 2, null, 6],
};

test('groups come in the order in which they first appear, without what is missing', (t) => {
  const rows = groupResults(COLUMNS, ['policy'], ['saving']);
  t.deepEqual(
    rows.map(({ group, count, mean, median, lowest, highest }) => [
      group[0],
      count,
      mean,
      median,
      lowest,
      highest,
    ]),
    [
      ['a', 3, 3, 2, 1, 6],
      ['b', 1, 10, 10, 10, 10],
    ],
  );
  // s = √7, t(2) = 4.303.
  t.true(Math.abs(rows[0]!.halfWidth - (4.303 * Math.sqrt(7)) / Math.sqrt(3)) < 1e-9);
  t.is(rows[1]!.halfWidth, 0);
  t.deepEqual(
    groupResults(COLUMNS, ['gpu', 'policy'], ['saving']).map(({ group }) => group.join('')),
    ['xa', 'xb', 'ya', 'yb'],
  );
  t.is(groupResults(COLUMNS, [], ['saving'])[0]!.count, 4);
});

test('intervals use the published quantiles of Student’s t', (t) => {
  // Abramowitz and Stegun, table 26.10.
  for (const [degrees, quantile] of [
    [4, 2.776],
    [5, 2.571],
    [10, 2.228],
    [30, 2.042],
    [120, 1.98],
  ] as const) {
    const values = Array.from({ length: degrees + 1 }, (_, k) => (k % 2 === 0 ? 1 : -1) * (k + 1));
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / degrees;
    const [row] = groupResults({ v: values }, [], ['v']);
    const found = row!.halfWidth / Math.sqrt(variance / values.length);
    t.true(Math.abs(found / quantile - 1) < 0.002, `${degrees}: ${found}, expected ${quantile}`);
  }
});

test('the best rows are those with the least, or with a minus the most', (t) => {
  const columns = { name: ['p', 'q', 'r'], energy: [3, 1, 2] };
  const names = (metric: string) =>
    (bestResults(columns, metric, 2) as { name: string }[]).map(({ name }) => name);
  t.deepEqual(names('energy'), ['q', 'r']);
  t.deepEqual(names('-energy'), ['p', 'r']);
});

test('Pareto rows are those that nothing beats, by comparing all pairs', async (t) => {
  const points = fc.array(fc.tuple(fc.integer({ max: 9 }), fc.integer({ max: 9 })), {
    minLength: 1,
    maxLength: 30,
  });
  await checkProperty(t, points, (pairs) => {
    const columns = { time: pairs.map(([x]) => x), energy: pairs.map(([, y]) => y) };
    const found = paretoResults(columns, 'time', 'energy') as { time: number; energy: number }[];
    const expected = new Set(
      pairs
        .filter(([x, y]) => !pairs.some(([a, b]) => a <= x && b <= y && (a < x || b < y)))
        .map(([x, y]) => `${x} ${y}`),
    );
    const keys = found.map(({ time, energy }) => `${time} ${energy}`);
    if (keys.length !== expected.size || keys.some((key) => !expected.has(key))) {
      throw new Error(`found ${keys.join(', ')}, expected ${[...expected].join(', ')}`);
    }
  });
});
