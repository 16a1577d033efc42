import { dot } from '@observablehq/plot';
import test from 'ava';
import fc from 'fast-check';
import { chartSvg } from '../../sim/report/charts/chart-svg.js';
import { numberScale } from '../../sim/report/charts/number-scale.js';
import { checkProperty } from '../support/properties.js';

/** The labels that are drawn beside an axis of some values, and its title. */
function drawn(values: readonly number[], least = 1e-30, hasZero = false) {
  const { scale, label } = numberScale(values, { label: 'x', least, hasZero });
  const svg = chartSvg({ x: scale, marks: [dot(values, { x: (value: number) => value })] });
  const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text!);
  return { labels: texts.slice(0, -1), title: texts.at(-1), label };
}

test('labels of an axis are all different, however narrow it is', (t) => {
  const ranges = [
    [0, 1.4e-14],
    [1, 1 + 1e-7],
    [1e9, 1e9 + 4],
    [1e-20, 3e-20],
    [-0.3, 0.2],
    [1000, 1410],
    [0, 56.05],
  ];
  for (const range of ranges) {
    const { labels, title } = drawn(range);
    t.true(labels.length >= 2, `${range.join(' to ')}: ${labels.join(' ')}`);
    t.is(new Set(labels).size, labels.length, `${range.join(' to ')}: ${labels.join(' ')}`);
    t.is(title, 'x →');
  }
});

test('an axis of one value has one label, and says that nothing varies', (t) => {
  const one = (labels: readonly string[]) => ({ labels, label: 'x; the same everywhere' });
  const found = (...given: Parameters<typeof drawn>) => {
    const { labels, label } = drawn(...given);
    return { labels, label };
  };
  t.deepEqual(found([1410, 1410]), one(['1410']));
  t.deepEqual(found([0, 0, 0]), one(['0']));
  t.deepEqual(found([7, 7], 1e-30, true), one(['0', '7']));
  t.deepEqual(found([5]), { labels: ['5'], label: 'x' }, 'one value is not the same as any');
  t.deepEqual(found([1, 1 + 1e-15]), one(['1']));
  t.deepEqual(found([0, 1.4e-14], 1e-9), one(['0']), 'of rounding');
});

test('property: a scale holds its values, and the room beside it holds its labels', async (t) => {
  const number = fc.double({ min: -1e12, max: 1e12, noNaN: true });
  await checkProperty(t, fc.array(number, { minLength: 1, maxLength: 5 }), (values) => {
    const { scale } = numberScale(values, { label: 'x', margin: 0.05 });
    const [low, high] = scale.domain as [number, number];
    t.true(low < high);
    for (const value of values) t.true(value >= low && value <= high);
  });
});

test('the room beside an axis is enough for its labels', (t) => {
  for (const values of [
    [0, 10],
    [75.14, 75.15],
    [1000, 1410],
    [-3, 2],
    [1e-9, 4e-9],
    [0.1, 0.1],
  ]) {
    const { scale, labelChars } = numberScale(values, { label: 'x' });
    const y = { ...scale, label: null };
    const svg = chartSvg({ y, marks: [dot(values, { y: (value: number) => value })] });
    const labels = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text!);
    const widest = Math.max(...labels.map(({ length }) => length));
    t.true(labelChars >= widest && labelChars <= widest + 4, `${labelChars}: ${labels.join(' ')}`);
  }
});
