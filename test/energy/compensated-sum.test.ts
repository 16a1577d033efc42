import test from 'ava';
import fc from 'fast-check';
import { compensatedSum, CompensatedSums } from '../../src/compensated-sum.js';
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

test('several sums in arrays are each a single one, to the last bit', async (t) => {
  const column = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), {
    minLength: 30,
    maxLength: 30,
  });
  await checkProperty(t, fc.tuple(column, column, fc.nat(30)), ([a, b, first]) => {
    const sums = new CompensatedSums(3);
    sums.add(1, 0.1);
    sums.addRows(1, [Float64Array.from(a), Float64Array.from(b)], first, 30);
    for (const value of a) sums.add(2, value);
    const rows = a.flatMap((value, i) => (i < first ? [] : [value, b[i]!]));
    const expected = [0, sumOf([0.1, ...rows]), sumOf(a)];
    if (!expected.every((sum, index) => Object.is(sums.value(index), sum))) {
      throw new Error(`found ${sums.values().join(' ')}, expected ${expected.join(' ')}`);
    }
    if (!expected.every((sum, index) => sums.values()[index] === sum)) throw new Error('values');
    sums.clear();
    if (sums.values().some((sum) => sum !== 0)) throw new Error('not cleared');
  });
});
