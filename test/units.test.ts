import test from 'ava';
import { percentMore, withoutRounding } from '../src/units.js';

test('what is equal but for rounding is 0 % more, whatever else is what it is', (t) => {
  // A sum in another order: 0.1 + 0.2 + 0.3.
  t.not(0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1);
  t.is(percentMore(0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1), 0);
  t.is(percentMore(1 + 1.4e-16 * 3, 1), 0);
  t.is(percentMore(1.5, 1), 50);
  t.is(percentMore(0.75, 1), -25);
  // One tick of a nanosecond in a second is no rounding.
  t.true(Math.abs(percentMore(1 + 1e-9, 1) / 1e-7 - 1) < 1e-6);
  t.is(withoutRounding(-1.4e-14), 0);
  t.true(Object.is(withoutRounding(-1e-12), 0), 'not −0');
  t.is(withoutRounding(-1e-8), -1e-8);
});
