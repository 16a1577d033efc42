import test from 'ava';
import fc from 'fast-check';
import { numberAxis } from '../../sim/report/charts/number-axis.js';
import { vegaSvg } from '../../sim/report/charts/vega-svg.js';
import { checkProperty } from '../support/properties.js';

/** The labels that Vega draws beside an axis of some values, and its title. */
async function drawn(values: readonly number[], least = 1e-30, hasZero = false) {
  const svg = await vegaSvg({
    data: { values: values.map((value) => ({ value })) },
    mark: 'point',
    encoding: { x: { field: 'value', ...numberAxis(values, { title: 'x', least, hasZero }) } },
  });
  const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text!);
  return { labels: texts.slice(0, -1), title: texts.at(-1) };
}

test('labels of an axis are all different, however narrow it is', async (t) => {
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
    const { labels, title } = await drawn(range);
    t.true(labels.length >= 2, `${range.join(' to ')}: ${labels.join(' ')}`);
    t.is(new Set(labels).size, labels.length, `${range.join(' to ')}: ${labels.join(' ')}`);
    t.is(title, 'x');
  }
});

test('an axis of one value has one label, and says that nothing varies', async (t) => {
  t.deepEqual(await drawn([1410, 1410]), { labels: ['1410'], title: 'x; the same everywhere' });
  t.deepEqual(await drawn([0, 0, 0]), { labels: ['0'], title: 'x; the same everywhere' });
  t.deepEqual(await drawn([7, 7], 1e-30, true), {
    labels: ['0', '7'],
    title: 'x; the same everywhere',
  });
  t.deepEqual(await drawn([5]), { labels: ['5'], title: 'x' }, 'one value is not the same as any');
  t.deepEqual(await drawn([1, 1 + 1e-15]), { labels: ['1'], title: 'x; the same everywhere' });
  t.deepEqual((await drawn([0, 1.4e-14], 1e-9)).labels, ['0'], 'of rounding');
});

test('property: labels are different numbers within the range', async (t) => {
  const number = fc.double({ min: -1e12, max: 1e12, noNaN: true });
  await checkProperty(t, fc.array(number, { minLength: 1, maxLength: 5 }), (values) => {
    const { axis, scale } = numberAxis(values, { title: 'x' });
    const labels = axis.values.map((value) => Number(value.toPrecision(12)));
    t.is(new Set(labels).size, labels.length);
    const [low, high] = scale.domain;
    const margin = 1e-9 * (high - low);
    t.true(low < high && labels.every((x) => x >= low - margin && x <= high + margin));
  });
});
