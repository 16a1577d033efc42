import test from 'ava';
import { toCsv } from '../../sim/results/csv.js';
import { jsonText } from '../../sim/results/finite.js';
import { fixed } from '../../sim/report/numbers.js';

test('a figure that is not a number is a failure, not a null', (t) => {
  for (const value of [NaN, Infinity, -Infinity]) {
    const message = `the figure "energy_j" came out as ${value}`;
    t.throws(() => jsonText({ rows: [{ energy_j: value }] }), { message });
    t.throws(() => toCsv([{ time_s: 1, energy_j: value }]), { message });
    t.throws(() => fixed(value, 2), { message: /came out as/ });
  }
  t.is(jsonText({ fit: null, x: 1 }), '{"fit":null,"x":1}\n');
});
