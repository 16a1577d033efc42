import test from 'ava';
import fc from 'fast-check';
import { fewTicks } from '../../sim/report/charts/few-ticks.js';
import { timeTicks } from '../../sim/report/timeline/time-ticks.js';
import { shippedFont } from '../support/figures.js';
import { checkProperty } from '../support/properties.js';

test('ticks are round numbers within the domain, as many as there may be', (t) => {
  t.deepEqual(fewTicks([0, 56.05], 11), [0, 10, 20, 30, 40, 50]);
  t.deepEqual(fewTicks([1.23, 1.31], 5), [1.24, 1.26, 1.28, 1.3]);
  t.deepEqual(fewTicks([0, 1], 11), [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
  t.deepEqual(fewTicks([0, 1], 10), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  t.deepEqual(fewTicks([0, 1], 5), [0, 0.5, 1]);
  t.deepEqual(
    fewTicks([0, 1], 5, () => false),
    [],
  );
});

/** Beginning and length of a domain, over all orders of magnitude of times. */
const domains = fc
  .tuple(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: -3, max: 5, noNaN: true }),
    fc.double({ min: 1, max: 200, noNaN: true }),
  )
  .map(([part, power, zoom]): [number, number] => {
    const spanS = 10 ** power;
    const fromS = part * spanS * (1 - 1 / zoom);
    return [fromS, fromS + spanS / zoom];
  });

test('property: there are no more ticks than there may be, and they rise within the domain', async (t) => {
  await checkProperty(t, fc.tuple(domains, fc.integer({ min: 3, max: 20 })), ([domain, most]) => {
    const values = fewTicks(domain, most);
    t.true(values.length <= most && values.length >= most / 3, values.join(' '));
    for (const [k, value] of values.entries()) {
      t.true(value >= domain[0] && value <= domain[1] && value > (values[k - 1] ?? -1));
    }
  });
});

test('property: labels of a timeline neither meet nor leave the picture, however it is enlarged', async (t) => {
  const { textEm } = shippedFont();
  const sizes = fc.record({
    fontPx: fc.constantFrom(8, 12, 16),
    plotPx: fc.integer({ min: 120, max: 2000 }),
  });
  await checkProperty(t, fc.tuple(domains, sizes), ([domain, size]) => {
    const { fontPx, plotPx } = size;
    const labels = timeTicks(domain, size).map(({ timeS, x }) => {
      const text = String(timeS);
      const half = (textEm(text) * fontPx) / 2;
      return { text, left: x - half, right: x + half };
    });
    const shown = JSON.stringify([domain, size, labels]);
    t.true(labels.length >= (plotPx < 15 * fontPx ? 0 : plotPx < 30 * fontPx ? 1 : 2), shown);
    t.true((labels.at(-1)?.right ?? 0) <= plotPx + fontPx, shown);
    for (const [k, { left }] of labels.entries()) {
      if (k > 0) t.true(left - labels[k - 1]!.right >= fontPx, shown);
    }
  });
});
