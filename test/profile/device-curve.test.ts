import test from 'ava';
import fc from 'fast-check';
import {
  clockGrid,
  fitDeviceCurve,
  fitStageCurves,
  optionsFromCurve,
  powerAt,
  timeAt,
  type DeviceCurve,
} from '../../src/profile/device-curve.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { TABLE_6 } from '../support/paper.js';
import { checkProperty } from '../support/properties.js';
import { readSharedData, testWithSharedData } from '../support/shared-data.js';

/** Options of a device with known physics and, if asked for, measurement noise. */
function measure(clocks: readonly number[], noise: readonly number[] = []) {
  return clocks.map((frequencyMHz, k) => {
    const x = Math.min(frequencyMHz, 1350) / 1410;
    const timeS = (0.01 + 0.04 / x) * (1 + (noise[2 * k] ?? 0));
    const powerW = (90 + 60 * x + 250 * x ** 3) * (1 + (noise[2 * k + 1] ?? 0));
    return { frequencyMHz, timeS, energyJ: powerW * timeS };
  });
}

function assertMonotone(curve: DeviceCurve): void {
  const clocks = clockGrid(curve.fit.lowestMHz, curve.fit.highestMHz, 1);
  clocks.slice(1).forEach((clock, k) => {
    if (timeAt(curve, clock) > timeAt(curve, clocks[k]!) * (1 + 1e-12)) {
      throw new Error(`the time rises at ${clock} MHz`);
    }
    if (powerAt(curve, clock) < powerAt(curve, clocks[k]!) * (1 - 1e-12)) {
      throw new Error(`the power falls at ${clock} MHz`);
    }
  });
}

test('curves of noisy measurements are monotone', async (t) => {
  const noisy = fc.integer({ min: 2, max: 40 }).chain((count) =>
    fc
      .array(fc.double({ min: -0.05, max: 0.05, noNaN: true }), {
        minLength: 2 * count,
        maxLength: 2 * count,
      })
      .map((noise) => measure(clockGrid(1410 - 15 * (count - 1), 1410, 15), noise)),
  );
  await checkProperty(
    t,
    noisy,
    (options) => {
      assertMonotone(fitDeviceCurve(options));
    },
    60,
  );
});

test('known physics come back, the bend at the power limit included', (t) => {
  const curve = fitDeviceCurve(measure(clockGrid(855, 1410, 15)));
  for (const { frequencyMHz, timeS, energyJ } of measure(clockGrid(862, 1410, 7))) {
    t.true(Math.abs(timeAt(curve, frequencyMHz) / timeS - 1) < 0.003, `${frequencyMHz} MHz`);
    t.true(Math.abs((powerAt(curve, frequencyMHz) * timeS) / energyJ - 1) < 0.006);
  }
  t.true(curve.fit.timeRmsPct < 0.1);
});

test('the same options give the same curve, in any order', (t) => {
  const options = measure(clockGrid(855, 1410, 15), [0.01, -0.01, 0.02]);
  t.deepEqual(fitDeviceCurve(options), fitDeviceCurve(options.toReversed()));
});

test('the worst residual is reported where it is', (t) => {
  const options = measure(clockGrid(855, 1410, 15)).map((option) =>
    option.frequencyMHz === 1140 ? { ...option, timeS: option.timeS * 1.04 } : option,
  );
  const { fit } = fitDeviceCurve(options);
  t.is(fit.timeWorstAtMHz, 1140);
  t.true(fit.timeWorstPct < -2, 'the curve is below the bump');
});

test('outside the measured range a curve stays what it was at the end', (t) => {
  const curve = fitDeviceCurve(measure(clockGrid(855, 1410, 15)));
  t.is(timeAt(curve, 1500), timeAt(curve, 1410));
  t.is(powerAt(curve, 500), powerAt(curve, 855));
});

test('options on a grid are power times time, highest clock first', (t) => {
  const curve = fitDeviceCurve(measure(clockGrid(855, 1410, 15)));
  const options = optionsFromCurve(curve, [900, 1200]);
  t.deepEqual(
    options.map((option) => option.frequencyMHz),
    [1200, 900],
  );
  t.is(options[0]!.energyJ, powerAt(curve, 1200) * timeAt(curve, 1200));
});

for (const model of ['gpt3-175b', 'bloom']) {
  testWithSharedData(`${model} on A100: every curve within 0.5 % rms`, (t) => {
    const file = `sosp24/stage_profiles/${model}+a100_sxm_bf16.csv`;
    for (const stage of fitStageCurves(readStageProfile(readSharedData(file), file))) {
      for (const { fit } of [stage.forward, stage.backward]) {
        t.true(fit.timeRmsPct <= 0.5, `time ${fit.timeRmsPct} %`);
        t.true(fit.powerRmsPct <= 0.5, `power ${fit.powerRmsPct} %`);
      }
    }
  });
}

testWithSharedData('the highest clock, which savings are compared with, is within 0.5 %', (t) => {
  for (const { profile } of TABLE_6) {
    const file = `sosp24/stage_profiles/${profile}_bf16.csv`;
    fitStageCurves(readStageProfile(readSharedData(file), file)).forEach((stage, s) => {
      for (const { fit } of [stage.forward, stage.backward]) {
        if (s === 0) t.log(`${profile}: ${fit.timeAtHighestPct} %, ${fit.energyAtHighestPct} %`);
        t.true(Math.abs(fit.timeAtHighestPct) <= 0.5);
        t.true(Math.abs(fit.energyAtHighestPct) <= 0.5);
      }
    });
  }
});

testWithSharedData('the bump of Bloom forward on A40 is smoothed and reported', (t) => {
  const file = 'sosp24/stage_profiles/bloom+a40_bf16.csv';
  const [stage] = fitStageCurves(readStageProfile(readSharedData(file), file));
  const { fit } = stage!.forward;
  t.log(`rms ${fit.timeRmsPct} %, worst ${fit.timeWorstPct} % at ${fit.timeWorstAtMHz} MHz`);
  t.true(Math.abs(fit.timeWorstPct) > 3);
  t.is(fit.timeWorstAtMHz, 1080, 'the top of the bump');
  assertMonotone(stage!.forward);
});
