import test from 'ava';
import { randomStream } from '../../sim/kernel/random-streams.js';

const draw = (seed: number, purpose: string, count = 1000) => {
  const stream = randomStream(seed, purpose);
  return Array.from({ length: count }, () => stream());
};

test('a stream is a function of seed and purpose alone', (t) => {
  const alone = draw(7, 'jitter/pipeline-3');
  const other = randomStream(7, 'straggler');
  const interleaved = randomStream(7, 'jitter/pipeline-3');
  const besideAnother = alone.map(() => {
    other();
    return interleaved();
  });
  t.deepEqual(besideAnother, alone);
});

test('other seeds and other purposes give other numbers', (t) => {
  const firsts = [
    [1, 'a'],
    [1, 'b'],
    [2, 'a'],
    [11, 'a'],
    [1, '1/a'],
    [-1, 'a'],
  ] as const;
  const numbers = firsts.map(([seed, purpose]) => draw(seed, purpose, 1)[0]);
  t.is(new Set(numbers).size, firsts.length);
});

test('streams of neighbouring purposes are uniform and do not correlate', (t) => {
  const count = 20_000;
  const x = draw(42, 'jitter/pipeline-0', count);
  const y = draw(42, 'jitter/pipeline-1', count);
  const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / count;
  // Standard errors: 0.002 of a mean, 0.007 of a correlation; the bounds are five of them.
  t.true(Math.abs(mean(x) - 0.5) < 0.0102);
  t.true(Math.abs(12 * mean(x.map((v, k) => (v - 0.5) * (y[k]! - 0.5)))) < 0.036);
  t.true(x.every((v) => v >= 0 && v < 1));
});
