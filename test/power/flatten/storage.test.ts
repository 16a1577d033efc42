import test from 'ava';
import fc from 'fast-check';
import { withStorage, type StorageSettings } from '../../../sim/power/flatten/storage.js';
import { energyOfSeriesJ, type PowerSeries } from '../../../sim/power/power-series.js';
import { closeTo } from '../../support/power-steps.js';
import { checkProperty } from '../../support/properties.js';

const series = (powerW: readonly number[], everyS: number, durationS = powerW.length * everyS) => ({
  everyS,
  durationS,
  powerW: Float64Array.from(powerW),
});

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });

const anyStorage: fc.Arbitrary<StorageSettings> = fc.record({
  capacityJ: number(0.1, 5000),
  powerW: number(1, 2000),
  roundTripEfficiency: number(0.5, 1),
  startShare: number(0, 1),
  target: fc.oneof(
    fc.record({ meanOverS: number(0.1, 20) }),
    fc.record({ levelW: number(0, 1000) }),
  ),
  rampUpWPerS: fc.option(number(1, 1000), { nil: undefined }),
  rampDownWPerS: fc.option(number(1, 1000), { nil: undefined }),
});

const anySeries: fc.Arbitrary<PowerSeries> = fc
  .tuple(
    fc.array(number(0, 1000), { minLength: 1, maxLength: 200 }),
    number(0.01, 2),
    number(0.01, 1),
  )
  .map(([powerW, everyS, part]) => series(powerW, everyS, (powerW.length - 1 + part) * everyS));

test('grid = job + losses + what is stored more; charge and power stay within their bounds', async (t) => {
  await checkProperty(t, fc.tuple(anySeries, anyStorage), ([job, settings]) => {
    const { series: grid, facts } = withStorage(job, settings);
    const { capacityJ, powerW } = settings;
    const storedJ = facts.endJ - facts.startJ;
    const scaleJ = energyOfSeriesJ(job) + facts.takenJ + capacityJ;
    const restJ = energyOfSeriesJ(grid) - energyOfSeriesJ(job) - facts.lossJ - storedJ;
    if (Math.abs(restJ) > 1e-9 * scaleJ) throw new Error(`${restJ} J are missing`);
    closeTo(facts.takenJ - facts.givenJ + scaleJ, facts.lossJ + storedJ + scaleJ, 1e-9);
    if (facts.leastJ < 0 || facts.mostJ > capacityJ) throw new Error('beyond the bounds');
    if (facts.leastJ > facts.startJ || facts.mostJ < facts.startJ) throw new Error('start');
    grid.powerW.forEach((gridW, k) => {
      const exchangedW = gridW - job.powerW[k]!;
      if (Math.abs(exchangedW) > powerW * (1 + 1e-9)) throw new Error(`${exchangedW} W`);
      if (gridW < -1e-9) throw new Error(`the grid delivers ${gridW} W`);
    });
  });
});

test('a level in the middle of a square wave, with a lossless storage of half a period', (t) => {
  const job = series([300, 300, 100, 100, 300, 300, 100, 100], 0.5);
  const storage = { capacityJ: 200, powerW: 100, roundTripEfficiency: 1, startShare: 0.5 };
  const { series: grid, facts } = withStorage(job, { ...storage, target: { levelW: 200 } });
  t.deepEqual([...grid.powerW], new Array<number>(8).fill(200));
  t.deepEqual(facts, {
    ...{ startJ: 100, endJ: 100, leastJ: 0, mostJ: 100, takenJ: 200, givenJ: 200 },
    ...{ lossJ: 0, missedS: 0 },
  });
});

test('losses by hand: 64 % there and back is 80 % each way', (t) => {
  const job = series([100, 300], 1);
  const storage = { capacityJ: 1000, powerW: 500, roundTripEfficiency: 0.64, startShare: 0 };
  const { series: grid, facts } = withStorage(job, { ...storage, target: { levelW: 200 } });
  // 100 J taken are 80 J stored, and 64 J given.
  t.is(grid.powerW[0], 200);
  closeTo(grid.powerW[1]!, 236, 1e-12);
  closeTo(facts.lossJ, 36, 1e-12);
  t.is(facts.endJ, 0);
  closeTo(facts.mostJ, 80, 1e-12);
  t.is(facts.missedS, 1);
});

test('ramps of the grid are kept while the storage can', (t) => {
  const job = series([...new Array<number>(20).fill(100), ...new Array<number>(40).fill(500)], 0.1);
  const { series: grid, facts } = withStorage(job, {
    ...{ capacityJ: 1e5, powerW: 1000, roundTripEfficiency: 0.9, startShare: 0.5 },
    ...{ target: { meanOverS: 0.1 }, rampUpWPerS: 200, rampDownWPerS: 200 },
  });
  for (let k = 1; k < grid.powerW.length; k++) {
    t.true(Math.abs(grid.powerW[k]! - grid.powerW[k - 1]!) <= 20 * (1 + 1e-9), `${k}`);
  }
  t.is(facts.missedS, 0);
});

test('with the mean as target, the charge of a long run comes back to where it began', (t) => {
  const wave = Array.from({ length: 6000 }, (_, k) => (k % 10 < 6 ? 900 : 200));
  const { series: grid, facts } = withStorage(series(wave, 0.1), {
    ...{ capacityJ: 4000, powerW: 1000, roundTripEfficiency: 0.9, startShare: 0.5 },
    target: { meanOverS: 1 },
  });
  t.is(facts.missedS, 0);
  const tail = grid.powerW.slice(5000);
  t.true(Math.max(...tail) - Math.min(...tail) < 0.3 * 700);
  t.true(Math.abs(facts.endJ - 2000) < 400, `${facts.endJ}`);
});
