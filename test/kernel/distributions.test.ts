import test from 'ava';
import fc from 'fast-check';
import {
  copulaCorrelation,
  drawExponential,
  drawFromQuantiles,
  drawLogUniform,
  drawNormal,
  drawTruncatedNormal,
  normalQuantile,
  shiftedLognormal,
  shiftedLognormalAt,
} from '../../sim/kernel/distributions.js';
import { randomStream } from '../../sim/kernel/random-streams.js';
import { checkProperty } from '../support/properties.js';

const DRAWS = 200_000;
const SEED = 20_26;

function sample(draw: (uniform: () => number) => number, purpose: string): Float64Array {
  const uniform = randomStream(SEED, purpose);
  return Float64Array.from({ length: DRAWS }, () => draw(uniform));
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}

function sdOf(values: Float64Array): number {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(values.map((x) => (x - mean) ** 2)));
}

function correlationOf(a: Float64Array, b: Float64Array): number {
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  return meanOf(a.map((x, k) => (x - meanA) * (b[k]! - meanB))) / (sdOf(a) * sdOf(b));
}

/** Φ(z) by Simpson's rule over the density: independent of the approximation. */
function normalProbability(z: number): number {
  const steps = 4000;
  const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  const h = z / steps;
  let sum = density(0) + density(z);
  for (let k = 1; k < steps; k++) sum += (k % 2 === 0 ? 2 : 4) * density(k * h);
  return 0.5 + (sum * h) / 3;
}

test('normal quantiles are those whose probability they have', async (t) => {
  const z = fc.double({ min: -6, max: 6, noNaN: true });
  await checkProperty(t, z, (expected) => {
    const found = normalQuantile(normalProbability(expected));
    // Near the ends a probability itself is known to 1e-16 only.
    const known = 1e-13 / Math.exp((-expected * expected) / 2);
    if (Math.abs(found - expected) > 2e-9 * Math.max(1, Math.abs(expected)) + known) {
      throw new Error(`found ${found}, expected ${expected}`);
    }
  });
  t.is(normalQuantile(0.5), 0);
  t.is(normalQuantile(0.975).toFixed(7), '1.9599640');
});

test('draws have the moments of their distributions', (t) => {
  const normal = sample(drawNormal, 'normal');
  t.true(Math.abs(meanOf(normal)) < 4 / Math.sqrt(DRAWS));
  t.true(Math.abs(sdOf(normal) - 1) < 4 / Math.sqrt(2 * DRAWS));
  const truncated = sample(drawTruncatedNormal, 'truncated');
  t.true(Math.abs(meanOf(truncated)) < 4 / Math.sqrt(DRAWS));
  t.true(Math.abs(sdOf(truncated) - 1) < 4 / Math.sqrt(2 * DRAWS));
  t.true(Math.max(...truncated.map(Math.abs)) <= 3 / 0.9865);
  const waits = sample((uniform) => drawExponential(uniform, 7), 'exponential');
  t.true(Math.abs(meanOf(waits) / 7 - 1) < 4 / Math.sqrt(DRAWS));
  const lengths = sample((uniform) => drawLogUniform(uniform, 60, 36_000), 'log-uniform');
  t.true(lengths.every((x) => x >= 60 && x <= 36_000));
  const below = lengths.filter((x) => x < Math.sqrt(60 * 36_000)).length / DRAWS;
  t.true(Math.abs(below - 0.5) < 4 * Math.sqrt(0.25 / DRAWS));
});

test('draws from a table have its quantiles', (t) => {
  const table = [
    [0, 1],
    [0.575, 1.1],
    [0.9, 1.27],
    [1, 3],
  ] as const;
  const draws = sample((uniform) => drawFromQuantiles(uniform, table), 'quantiles').sort();
  for (const [probability, value] of table) {
    const found = draws[Math.min(DRAWS - 1, Math.floor(probability * DRAWS))]!;
    t.true(Math.abs(found - value) < 0.02 * value, `${probability}: ${found}, expected ${value}`);
  }
});

test('shifted lognormals have the mean, spread and 99th percentile asked for', async (t) => {
  const asked = fc.record({
    sd: fc.double({ min: 0.05, max: 0.8, noNaN: true }),
    ratio: fc.double({ min: 2.4, max: 3.9, noNaN: true }),
  });
  await checkProperty(
    t,
    asked,
    ({ sd, ratio }) => {
      const distribution = shiftedLognormal(sd, 1 + ratio * sd);
      const at = (z: number) => shiftedLognormalAt(distribution, z);
      // Moments by Simpson's rule over z.
      const moment = (power: number) => {
        const h = 0.002;
        let sum = 0;
        for (let k = -6000; k <= 6000; k++) {
          const z = k * h;
          sum += (at(z) - 1) ** power * Math.exp((-z * z) / 2) * (k % 2 === 0 ? 2 : 4);
        }
        return (sum * h) / 3 / Math.sqrt(2 * Math.PI);
      };
      if (Math.abs(moment(1)) > 1e-6) throw new Error(`mean 1 + ${moment(1)}`);
      if (Math.abs(Math.sqrt(moment(2)) / sd - 1) > 1e-5) throw new Error(`sd ${moment(2)}`);
      if (Math.abs(at(2.3263478740408408) - (1 + ratio * sd)) > 1e-9) throw new Error('p99');
    },
    40,
  );
});

test('of a percentile that cannot be reached the nearest is taken: 1.99 for a published 2.0', (t) => {
  const forward = shiftedLognormal(0.25, 2);
  const backward = shiftedLognormal(0.45, 2.8);
  t.is(shiftedLognormalAt(forward, 2.3263478740408408).toFixed(3), '1.994');
  t.is(shiftedLognormalAt(backward, 2.3263478740408408).toFixed(3), '2.789');
});

test('forward and backward correlate as asked', (t) => {
  const forward = shiftedLognormal(0.25, 1.8);
  const backward = shiftedLognormal(0.45, 2.4);
  const correlation = copulaCorrelation(forward, backward, 0.9);
  const uniform = randomStream(SEED, 'copula');
  const a = new Float64Array(DRAWS);
  const b = new Float64Array(DRAWS);
  for (let k = 0; k < DRAWS; k++) {
    const z = drawNormal(uniform);
    const other = correlation * z + Math.sqrt(1 - correlation ** 2) * drawNormal(uniform);
    a[k] = shiftedLognormalAt(forward, z);
    b[k] = shiftedLognormalAt(backward, other);
  }
  t.true(Math.abs(correlationOf(a, b) - 0.9) < 0.01, String(correlationOf(a, b)));
});
