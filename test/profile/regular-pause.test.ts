import test from 'ava';
import { withoutRegularPause, type RankMeasurement } from '../../src/profile/regular-pause.js';

/** Mean and spread of iterations with one pause among them. */
function measured(iterationsS: readonly number[], powerW: number, pauseW: number, pauseS = 0) {
  const count = iterationsS.length;
  const energiesJ = iterationsS.map((timeS, k) =>
    k === 0 ? powerW * (timeS - pauseS) + pauseW * pauseS : powerW * timeS,
  );
  const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / count;
  const sd = (values: readonly number[]) =>
    Math.sqrt(mean(values.map((v) => (v - mean(values)) ** 2)));
  return (stage: number): RankMeasurement => ({
    stage,
    timeS: mean(iterationsS),
    energyJ: mean(energiesJ),
    timeSdS: sd(iterationsS),
    energySdJ: sd(energiesJ),
    iterations: count,
  });
}

/** Eighteen iterations that take `timeS`, and a hundredth of it more or less. */
const around = (timeS: number) =>
  Array.from({ length: 18 }, (_, k) => timeS * (1 + (k % 2 === 0 ? 0.001 : -0.001)));
const calm = (timeS: number) => [0, 1].map(measured(around(timeS), 250, 0));
const paused = (timeS: number, pauseS: number) =>
  [0, 1].map(measured(around(timeS).with(0, timeS * 1.001 + pauseS), 250, 80, pauseS));

test('a pause that some plans have is taken out of their means, time and energy', (t) => {
  const plans = [calm(12), paused(13, 2.2), paused(14, 2), paused(15, 2.5)];
  const without = withoutRegularPause(plans);
  t.deepEqual(without[0], plans[0]);
  [13, 14, 15].forEach((timeS, k) => {
    const before = plans[k + 1]![0]!;
    const after = without[k + 1]![0]!;
    t.true(before.timeS > timeS * 1.007);
    t.true(Math.abs(after.timeS / timeS - 1) < 3e-4, `${after.timeS} s, ${timeS} s`);
    t.true(Math.abs(after.energyJ / (250 * timeS) - 1) < 3e-4, `${after.energyJ} J`);
  });
});

test('spreads that are not alike stay: they are no pause of one kind', (t) => {
  const plans = [calm(12), paused(13, 0.6), paused(14, 5), paused(15, 2)];
  t.deepEqual(withoutRegularPause(plans), plans);
});

test('plans that all spread alike, and spreads that are not known, stay', (t) => {
  const alike = [12, 13, 14, 15].map(calm);
  t.deepEqual(withoutRegularPause(alike), alike);
  const unknown = [calm(12), paused(13, 2), paused(14, 2), paused(15, 2)].map((plan) =>
    plan.map((rank) => ({ ...rank, timeSdS: NaN, energySdJ: NaN, iterations: NaN })),
  );
  t.deepEqual(withoutRegularPause(unknown), unknown);
});
