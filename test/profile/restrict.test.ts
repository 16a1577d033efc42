import test from 'ava';
import {
  checkUnitTime,
  defaultUnitTime,
  largestRoundingPct,
} from '../../src/profile/operation-costs.js';
import { withinClocks } from '../../src/profile/restrict.js';
import type { StageProfile } from '../../src/profile/stage-profile.js';

const WHERE = { source: 'test' };

function profileOf(
  clocksMHz: readonly number[],
  forwardS: number,
  backwardS = 2 * forwardS,
): StageProfile {
  const options = (timeS: number) =>
    clocksMHz.map((frequencyMHz) => ({
      frequencyMHz,
      timeS: (timeS * clocksMHz[0]!) / frequencyMHz,
      energyJ: (timeS * frequencyMHz) / 4,
    }));
  return { source: 'test', stages: [{ forward: options(forwardS), backward: options(backwardS) }] };
}

function clocksLeft(clocksMHz: readonly number[], stepMHz: number): number[] {
  const profile = withinClocks(profileOf(clocksMHz, 0.1), { stepMHz }, WHERE);
  return profile.stages[0]!.forward.map(({ frequencyMHz }) => frequencyMHz);
}

test('steps of tenths of a megahertz keep the clocks that are multiples of them', (t) => {
  const clocks = [1410, 1400, 1390, 1200, 1000];
  t.deepEqual(clocksLeft(clocks, 0.1), clocks);
  t.deepEqual(clocksLeft(clocks, 0.3), [1410, 1200]);
  t.deepEqual(clocksLeft(clocks, 20), [1410, 1390]);
  const fine = Array.from({ length: 50 }, (_, k) => 1410 - k * 7.5);
  t.deepEqual(clocksLeft(fine, 7.5), fine);
  const thirds = Array.from({ length: 50 }, (_, k) => 1410 - k * 13.3);
  t.deepEqual(clocksLeft(thirds, 13.3), thirds);
});

for (const [what, forwardS, backwardS, unitS] of [
  ['usual times', 0.05, 0.1, 5e-5],
  ['a longest instruction two thousand times the shortest', 0.001, 2, 5e-5],
  ['instructions of a microsecond', 1e-6, 2e-6, 1e-9],
  ['a longest instruction a hundred thousand times the shortest', 1e-4, 10, 2e-5],
] as const) {
  test(`the default unit time suits ${what}`, (t) => {
    const profile = profileOf([1410, 1400], forwardS, backwardS);
    const found = defaultUnitTime(profile);
    t.notThrows(() => {
      checkUnitTime(profile, found);
    });
    t.log(`${found} s, ${largestRoundingPct(profile, found)} %`);
    t.is(found, unitS);
  });
}

test('parts of instructions have whole ticks of the default unit time too', (t) => {
  const profile = profileOf([1410, 1000], 0.05);
  const part = { frequencyMHz: 1410, timeS: 1e-5, energyJ: 0.003 };
  const found = defaultUnitTime(profile, undefined, [part]);
  t.true(found <= part.timeS);
});

test('times that no unit time suits are told as such', (t) => {
  const profile = profileOf([1410, 1400], 1e-6, 50);
  t.throws(
    () => {
      checkUnitTime(profile, defaultUnitTime(profile));
    },
    { message: /instructions take from 0\.000001 to 50\.\d+ s, which no unit time suits/ },
  );
});

test('profiles of hundreds of thousands of options are restricted without spreading them', (t) => {
  const one = profileOf([1410, 1000], 0.1).stages[0]!;
  const profile = { source: 'test', stages: Array.from({ length: 200_000 }, () => one) };
  t.is(withinClocks(profile, { highestMHz: 1200 }, WHERE).stages.length, 200_000);
  t.is(defaultUnitTime(profile), 1e-4);
});

for (const [timeErrorPct, unitS] of [
  [undefined, 5e-5],
  [0.5, 5e-5],
  [4, 2e-4],
  [16, 5e-4],
  [60, 5e-4],
] as const) {
  test(`times off by ${timeErrorPct ?? 'an unknown number of'} %: a tick of a tenth of that, from 0.1 to 1 %`, (t) => {
    const profile = {
      ...profileOf([1410, 1400], 0.05, 0.1),
      ...(timeErrorPct === undefined ? {} : { timeErrorPct }),
    };
    t.is(defaultUnitTime(profile), unitS);
  });
}
