import test from 'ava';
import { countPassing, lastPassing } from '../src/last-passing.js';

test('the last that passes, whatever there is to find', (t) => {
  for (let last = 3; last < 12; last++) {
    for (let end = 3; end <= last; end++) {
      t.is(
        lastPassing(3, last, (value) => value <= end),
        end,
      );
    }
  }
  t.is(
    lastPassing(-5, -2, (value) => value <= -4),
    -4,
  );
});

test('the first is the answer where no other passes; it is not tried', (t) => {
  const tried: number[] = [];
  const found = lastPassing(2, 9, (value) => {
    tried.push(value);
    return false;
  });
  t.is(found, 2);
  t.deepEqual(tried, [6, 4, 3]);
});

test('beyond 32 bits', (t) => {
  t.is(
    lastPassing(0, 2 ** 52, (value) => value <= 2 ** 40 + 1),
    2 ** 40 + 1,
  );
});

test('how many pass', (t) => {
  for (let length = 0; length < 8; length++) {
    for (let count = 0; count <= length; count++) {
      t.is(
        countPassing(length, (k) => k < count),
        count,
      );
    }
  }
});
