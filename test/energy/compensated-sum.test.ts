import test from 'ava';
import fc from 'fast-check';
import { compensatedSum } from '../../src/compensated-sum.js';
import { exactSum } from '../support/exact-sum.js';
import { checkProperty } from '../support/properties.js';

function sumOf(values: readonly number[]): number {
  const sum = compensatedSum();
  for (const value of values) sum.add(value);
  return sum.value();
}

test('small terms beside large ones are not lost', (t) => {
  t.is(sumOf([]), 0);
  t.is(sumOf([1, 1e100, 1, -1e100]), 2);
  t.is(sumOf(new Array<number>(10).fill(0.1)), 1);
});

test('many energies add up to the exact sum, to the last bit or two', async (t) => {
  const energies = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { maxLength: 2000 });
  await checkProperty(t, energies, (values) => {
    const expected = exactSum(values);
    if (Math.abs(sumOf(values) - expected) > 2 ** -51 * expected) {
      throw new Error(`found ${sumOf(values)}, expected ${expected}`);
    }
  });
});
