import test from 'ava';
import { bestPolicy, byEffect, shortNames, variedAxes } from '../../../sim/report/sweep/axes.js';
import { chosenPivot } from '../../../sim/report/sweep/chosen-pivot.js';
import { pivots } from '../../../sim/report/sweep/pivot.js';
import { pivotText } from '../../../sim/report/text/pivot-table.js';
import { gridOf } from '../../support/made-up-sweeps.js';

const METRIC = 'simulated_saving_pct';

test('axes are fields with several values, without seeds; those that vary together are one', (t) => {
  const { columns, fields } = gridOf({
    'a.x': [1, 2],
    'b.x': [10, 20],
    c: ['p', 'q', 'r'],
    d: [5],
    seed: [1, 2],
  });
  // A zip: each value of a.x has its own.
  const zipped = { ...columns, 'a.y': columns['a.x']!.map((x) => (x as number) * 3) };
  const axes = variedAxes(zipped, [...fields, 'a.y']);
  t.deepEqual(
    axes.map(({ field, name, together, values }) => [field, name, together, values]),
    [
      ['a.x', 'a.x', ['a.y'], [1, 2]],
      ['b.x', 'b.x', [], [10, 20]],
      ['c', 'c', [], ['p', 'q', 'r']],
    ],
  );
});

test('short names are the ends of paths that tell fields apart', (t) => {
  t.deepEqual(
    shortNames(['stragglers[0].slowdown', 'imbalance.factors[3]', 'a.slowdown', 'pipelines']),
    ['stragglers[0].slowdown', 'factors[3]', 'a.slowdown', 'pipelines'],
  );
});

test('the policy of a picture is the one that saves the most in most runs', (t) => {
  const columns = {
    run: [0, 0, 1, 1, 2, 2],
    policy: ['zeus', 'perseus', 'zeus', 'perseus', 'zeus', 'perseus'],
    [METRIC]: [30, 1, 2, 3, 4, 5],
  };
  t.is(bestPolicy(columns), 'perseus');
});

test('one axis: its values by policies; two: by each other, of the best policy, more values down', (t) => {
  const one = gridOf({ a: [1, 2, 3] });
  t.deepEqual(chosenPivot(one.columns, METRIC, one.fields)?.places, {
    ...{ down: 'a', across: 'policy', tables: [] },
  });
  const two = gridOf({ a: [1, 2], b: [1, 2, 3] });
  const chosen = chosenPivot(two.columns, METRIC, two.fields)!;
  t.deepEqual(chosen.places, { down: 'b', across: 'a', tables: [] });
  t.is(chosen.policy, 'perseus');
  const by = chosenPivot(two.columns, METRIC, two.fields, ['a', 'policy', 'b'])!;
  t.deepEqual([by.places.tables, by.policy], [['b'], undefined]);
});

test('of more axes, those that matter most are chosen', (t) => {
  // The saving is 10 a + b + 100 c.
  const { columns, fields } = gridOf(
    { a: [1, 2], b: [1, 2, 3], c: [1, 2] },
    ({ a, b, c }) => 10 * a! + b! + 100 * c!,
  );
  const axes = byEffect(columns, variedAxes(columns, fields), METRIC);
  t.deepEqual(
    axes.map(({ field }) => field),
    ['c', 'a', 'b'],
  );
});

test('a cell of one design has a value, one of several where they begin and end, one of none a dot', (t) => {
  const { columns, fields } = gridOf({ a: [1, 2], b: [1, 2, 3] }, ({ a, b }) => 10 * a! + b!);
  const whole = chosenPivot(columns, METRIC, fields)!;
  const text = pivotText(pivots(whole.columns, METRIC, whole.places, fields), whole);
  t.is(
    text,
    [
      'energy saved (%) of perseus',
      'down: b; across: a',
      '',
      'b ↓ a →     1     2',
      '───────────────────',
      '1        11.0  21.0',
      '2        12.0  22.0',
      '3        13.0  23.0',
      '',
    ].join('\n'),
  );
  const range = chosenPivot(columns, METRIC, fields, ['a'])!;
  const ranges = pivotText(pivots(range.columns, METRIC, range.places, fields), range);
  t.regex(ranges, /lowest … highest over b/);
  t.regex(ranges, /\n1 +5\.5…6\.5 +11\.0…13\.0\n2 +10\.5…11\.5 +21\.0…23\.0\n/);
  const part = Object.fromEntries(
    Object.entries(columns).map(([name, values]) => [name, values.slice(0, -2)]),
  );
  const partial = chosenPivot(part, METRIC, fields)!;
  t.regex(
    pivotText(pivots(partial.columns, METRIC, partial.places, fields), partial),
    /\n3 +13\.0 +·\n/,
  );
});

test('pivot tables are at most 80 columns wide, whatever they show', (t) => {
  const names = Array.from({ length: 12 }, (_, k) => `gpt-${k}-with-a-long-name`);
  const { columns, fields } = gridOf({
    b: Array.from({ length: 30 }, (_, k) => 1 + k / 20),
    model: names,
  });
  for (const by of [
    ['b', 'model'],
    ['model', 'b'],
    ['model', 'b', 'policy'],
  ]) {
    const chosen = chosenPivot(columns, METRIC, fields, by)!;
    const text = pivotText(pivots(chosen.columns, METRIC, chosen.places, fields), chosen);
    const widest = Math.max(...text.split('\n').map((line) => line.length));
    t.true(widest <= 80, `${by.join()}: ${widest}`);
    t.true(names.every((name) => text.includes(name)));
  }
});
