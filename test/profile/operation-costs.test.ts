import test from 'ava';
import { InputError } from '../../src/errors.js';
import {
  clockFor,
  defaultUnitTime,
  highestClock,
  largestRoundingPct,
  operationCosts,
  profileCosts,
} from '../../src/profile/operation-costs.js';
import { usefulOptions } from '../../src/profile/pareto.js';
import { scaleProfile, type StageProfile } from '../../src/profile/stage-profile.js';
import { ticksFromSeconds } from '../../src/units.js';

const option = (frequencyMHz: number, timeS: number, energyJ: number) => ({
  frequencyMHz,
  timeS,
  energyJ,
});

test('an option that another beats on both is dropped', (t) => {
  const options = [
    option(1000, 1, 10),
    option(900, 2, 8),
    option(800, 3, 9),
    option(700, 4, 6),
    option(600, 5, 5),
  ];
  t.deepEqual(
    usefulOptions(options).map((o) => o.frequencyMHz),
    [1000, 900, 700, 600],
  );
});

test('noise rule: with three or fewer left, 5 % worse is good enough', (t) => {
  const options = [option(1000, 1, 10), option(900, 1.03, 10.3), option(800, 1.2, 12)];
  t.deepEqual(
    usefulOptions(options).map((o) => o.frequencyMHz),
    [1000, 900],
  );
});

test('fitted options have no noise: what another beats goes, however few are left', (t) => {
  const options = [option(1000, 1, 10), option(900, 1.03, 10.3), option(800, 1.2, 12)];
  t.deepEqual(
    usefulOptions(options, 'fitted').map((o) => o.frequencyMHz),
    [1000],
  );
});

for (const origin of ['measured', 'fitted'] as const) {
  test(`clocks that make no difference: the one that uses least (${origin})`, (t) => {
    const flat = [1400, 1300, 1200, 1100, 1000].map((clock) => option(clock, 0.1, clock / 50));
    const costs = operationCosts(FIRST_FORWARD, flat, {
      unitTimeS: 0.001,
      blockingPowerW: 100,
      origin,
    });
    t.deepEqual(
      costs.options.map((o) => o.frequencyMHz),
      [1000],
    );
    t.is(clockFor(costs, 100).frequencyMHz, 1000);
    t.deepEqual([...costs.costJ], [20 - 10]);
  });
}

const FIRST_FORWARD = { stage: 0, chunk: 0, modelStage: 0, kind: 'forward' } as const;

test('of options in one tick the one with the largest energy stays', (t) => {
  const costs = operationCosts(
    FIRST_FORWARD,
    [
      option(1400, 0.01001, 9),
      option(1300, 0.0109, 8),
      option(1200, 0.0121, 7),
      option(1100, 0.0132, 6),
      option(1000, 0.0143, 5),
    ],
    { unitTimeS: 0.001, blockingPowerW: 100 },
  );
  t.deepEqual(
    costs.options.map((o) => [o.frequencyMHz, o.durationTicks]),
    [
      [1400, 10],
      [1200, 12],
      [1100, 13],
      [1000, 14],
    ],
  );
  t.is(highestClock(costs).frequencyMHz, 1400);
});

test('a planned duration becomes the slowest clock that fits', (t) => {
  const costs = operationCosts(
    FIRST_FORWARD,
    [1, 2, 3, 4].map((k) => option(1500 - 100 * k, k * 0.1 + 1e-6, 10 - k)),
    { unitTimeS: 0.01, blockingPowerW: 1 },
  );
  const clock = (ticks: number) => clockFor(costs, ticks).frequencyMHz;
  t.deepEqual([9, 10, 19, 20, 29, 40, 99].map(clock), [1400, 1400, 1400, 1300, 1300, 1100, 1100]);
});

const profile: StageProfile = {
  source: 'test.csv',
  stages: [
    {
      forward: [option(1000, 0.05, 10), option(900, 0.06, 9)],
      backward: [option(1000, 0.1, 20), option(900, 0.12, 18)],
    },
  ],
};

test('the default unit time rounds by at most 0.1 %', (t) => {
  t.is(defaultUnitTime(profile), 5e-5);
  t.true(largestRoundingPct(profile, defaultUnitTime(profile)) <= 0.1);
  t.is(largestRoundingPct(profile, 0.04).toFixed(3), '33.333');
});

test('a unit time longer than an instruction is refused', (t) => {
  const error = t.throws(
    () => profileCosts(profile, [FIRST_FORWARD], { unitTimeS: 0.06, blockingPowerW: 1 }),
    {
      instanceOf: InputError,
    },
  );
  t.regex(error.message, /^test\.csv, unit time: found 0\.06 s, .* takes 0\.05 s/);
});

test('scaling multiplies times and energies, and ticks of a scaled unit stay', (t) => {
  const scaled = scaleProfile(profile, 10);
  t.like(scaled.stages[0]!.backward[1], { frequencyMHz: 900, timeS: 1.2, energyJ: 180 });
  t.is(ticksFromSeconds(0.3, 0.001), 300, 'whole but for rounding');
  t.is(ticksFromSeconds(0.2999, 0.001), 299);
});
