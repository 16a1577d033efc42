import test from 'ava';
import fc from 'fast-check';
import { designColumns, groupResults } from '../../../sim/report/sweep/group-results.js';
import { bestPlaces, paretoPlaces, parseWish } from '../../../sim/report/sweep/wishes.js';
import { groupTable } from '../../../sim/report/text/results-table.js';
import { checkProperty } from '../../support/properties.js';

/** Rows of one design, which differ by chance. */
const BY_CHANCE: readonly string[] = [];

const COLUMNS = {
  policy: ['a', 'b', 'a', 'b', 'a'],
  gpu: ['x', 'x', 'y', 'y', 'x'],
  saving: [1, 10, 2, null, 6],
};

test('groups come in the order in which they first appear, without what is missing', (t) => {
  const rows = groupResults(COLUMNS, ['policy'], ['saving'], BY_CHANCE);
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
  t.true(Math.abs(rows[0]!.halfWidth! - (4.303 * Math.sqrt(7)) / Math.sqrt(3)) < 1e-9);
  t.is(rows[1]!.halfWidth, null, 'one value has no interval');
  t.deepEqual(
    groupResults(COLUMNS, ['gpu', 'policy'], ['saving'], BY_CHANCE).map(({ group }) =>
      group.join(''),
    ),
    ['xa', 'xb', 'ya', 'yb'],
  );
  t.is(groupResults(COLUMNS, [], ['saving'], BY_CHANCE)[0]!.count, 4);
});

test('means and intervals are of seeds; a grid of designs has a range, and the runs at its ends', (t) => {
  const columns = {
    run: [0, 1, 2, 3],
    policy: ['a', 'a', 'a', 'a'],
    stages: [2, 2, 4, 4],
    seed: [1, 2, 1, 2],
    saving: [1, 3, 5, 7],
  };
  const design = designColumns(['stages', 'seed']);
  t.deepEqual(design, ['policy', 'stages']);
  const rows = (groupBy: string[]) =>
    groupResults(columns, groupBy, ['saving'], design).map((row) => [row.mean, row.halfWidth]);
  t.deepEqual(rows(['policy']), [[null, null]]);
  // s = √2, t(1) = 12.706, of two seeds.
  t.deepEqual(rows(['policy', 'stages']), [
    [2, 12.706],
    [6, 12.706],
  ]);
  t.deepEqual(rows(['seed']), [
    [null, null],
    [null, null],
  ]);
  const [grid] = groupResults(columns, ['policy'], ['saving'], design);
  t.like(grid, { lowest: 1, lowestRun: 0, highest: 7, highestRun: 3, median: null, count: 4 });
  const lines = (groupBy: string[]) =>
    groupTable(groupBy, groupResults(columns, groupBy, ['saving'], design)).split('\n');
  t.regex(lines(['policy'])[0]!, /^policy +metric +rows +lowest +in run +highest +in run$/);
  t.regex(lines(['policy'])[2]!, /^a +saving +4 +1 +0 +7 +3$/);
  t.regex(lines(['stages'])[0]!, /^stages +metric +rows +mean +± 95 % +lowest +highest$/);
});

test('one value is its own mean, without an interval, also if several seeds gave it', (t) => {
  const columns = {
    policy: ['a', 'a', 'a', 'b'],
    seed: [1, 2, 3, 1],
    saving: [0.1, 0.1, 0.1, 7],
  };
  const rows = groupResults(columns, ['policy'], ['saving'], designColumns(['seed']));
  // 0.1 + 0.1 + 0.1 is not 0.3.
  t.deepEqual(
    rows.map(({ mean, halfWidth, median }) => [mean, halfWidth, median]),
    [
      [0.1, null, 0.1],
      [7, null, 7],
    ],
  );
  t.notRegex(groupTable(['policy'], rows), /95 %/);
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
    const [row] = groupResults({ v: values }, [], ['v'], BY_CHANCE);
    const found = row!.halfWidth! / Math.sqrt(variance / values.length);
    t.true(Math.abs(found / quantile - 1) < 0.002, `${degrees}: ${found}, expected ${quantile}`);
  }
});

test('the best rows are those with the least, or with a minus the most, of each group', (t) => {
  const columns = { energy: [3, null, 1, 2, NaN, 0], gpu: ['x', 'x', 'y', 'x', 'y', 'x'] };
  t.deepEqual(bestPlaces(columns, [], parseWish('energy'), 3), [5, 2, 3]);
  t.deepEqual(bestPlaces(columns, [], parseWish('-energy'), 2), [0, 3]);
  t.deepEqual(bestPlaces(columns, ['gpu'], parseWish('energy'), 2), [5, 3, 2]);
});

test('Pareto rows are those of a group that nothing beats, by comparing all pairs', async (t) => {
  const value = fc.option(fc.integer({ max: 9, min: -9 }), { freq: 9 });
  const rows = fc.array(fc.tuple(value, value, fc.constantFrom('x', 'y')), {
    minLength: 1,
    maxLength: 30,
  });
  await checkProperty(t, rows, (all) => {
    const columns = {
      time: all.map(([x]) => x),
      saving: all.map(([, y]) => y),
      gpu: all.map(([, , gpu]) => gpu),
    };
    const wishes = [parseWish('time'), parseWish('-saving')] as const;
    const textOf = (place: number) => all[place]!.join(' ');
    const found = paretoPlaces(columns, ['gpu'], wishes).map(textOf).sort();
    const isBeaten = ([x, y, gpu]: (typeof all)[number]) =>
      all.some(
        ([a, b, other]) =>
          other === gpu && a !== null && b !== null && a <= x! && b >= y! && (a < x! || b > y!),
      );
    const expected = all.filter((row) => row[0] !== null && row[1] !== null && !isBeaten(row));
    const texts = [...new Set(expected.map((row) => row.join(' ')))].sort();
    if (JSON.stringify(found) !== JSON.stringify(texts)) {
      throw new Error(`found ${found.join(', ')}, expected ${texts.join(', ')}`);
    }
  });
});
