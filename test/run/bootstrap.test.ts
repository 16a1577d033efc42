import test from 'ava';
import { drawNormal } from '../../sim/kernel/distributions.js';
import { randomStream } from '../../sim/kernel/random-streams.js';
import { bootstrapInterval } from '../../sim/run/bootstrap.js';

test('of one value the interval is that value', (t) => {
  t.deepEqual(bootstrapInterval([3.5], { seed: 1 }), { low: 3.5, high: 3.5 });
});

test('the same seed gives the same interval', (t) => {
  const values = [1.5, 2.25, 4.125, 8, 3.7, 0.9, 6.1, 2.2];
  t.deepEqual(bootstrapInterval(values, { seed: 5 }), bootstrapInterval(values, { seed: 5 }));
  t.notDeepEqual(bootstrapInterval(values, { seed: 5 }), bootstrapInterval(values, { seed: 6 }));
});

test('means of resamples: the exact distribution of two values', (t) => {
  // Of 0 and 1 a resample's mean is 0, ½ or 1 with probabilities ¼, ½, ¼.
  t.deepEqual(bootstrapInterval([0, 1], { seed: 1, confidence: 0.4 }), { low: 0.5, high: 0.5 });
  t.deepEqual(bootstrapInterval([0, 1], { seed: 1, confidence: 0.6 }), { low: 0, high: 1 });
});

test('95 % intervals hold the mean in about 95 % of trials', (t) => {
  const trials = 600;
  const uniform = randomStream(11, 'coverage');
  let held = 0;
  for (let k = 0; k < trials; k++) {
    const values = Array.from({ length: 40 }, () => 7 + 2 * drawNormal(uniform));
    const { low, high } = bootstrapInterval(values, { seed: k, resamples: 600 });
    if (low <= 7 && 7 <= high) held++;
  }
  const share = held / trials;
  t.log(`${(100 * share).toFixed(1)} % of ${trials}`);
  // Percentile intervals of 40 values hold 94 % in theory; four standard errors on both sides.
  t.true(Math.abs(share - 0.94) < 4 * Math.sqrt((0.94 * 0.06) / trials));
});
