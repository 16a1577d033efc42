import test from 'ava';
import fc from 'fast-check';
import { perseus } from '../../src/planner/perseus/perseus.js';
import { scenarioSetting } from '../../sim/scenario/scenario-setting.js';
import { SpeedCurve, type SpeedPoint } from '../../sim/site/speed-curve.js';
import { profileOf, scenarioOf } from '../support/made-up.js';
import { checkProperty } from '../support/properties.js';

test('power over speed is convex on a planned frontier, overheads included', (t) => {
  const scenario = scenarioOf({ pipeline: { stages: 3, microbatches: 5 } });
  const { problem } = scenarioSetting(scenario, profileOf([0.1, 0.12, 0.09]));
  const plans = perseus.plan(problem);
  for (const [afterS, afterJ, overheadW] of [
    [0, 0, 0],
    [0.3, 20, 900],
  ] as const) {
    const points = Array.from({ length: plans.pointCount }, (_, k) => {
      const { timeS, energyJ } = plans.point(k);
      const wholeS = timeS + afterS;
      return { speed: 1 / wholeS, powerW: (energyJ + afterJ) / wholeS + overheadW };
    });
    for (let k = 1; k < points.length - 1; k++) {
      const [a, b, c] = [points[k - 1]!, points[k]!, points[k + 1]!];
      const before = (b.powerW - a.powerW) / (b.speed - a.speed);
      const after = (c.powerW - b.powerW) / (c.speed - b.speed);
      if (after < before * (1 - 1e-6)) t.fail(`slope falls from ${before} to ${after} at ${k}`);
    }
    t.true(points.length > 50);
  }
});

/** Numbers on a grid: differences of the last digit decide nothing. */
const number = (min: number, max: number) =>
  fc.integer({ min: 0, max: 1000 }).map((k) => min + (k / 1000) * (max - min));

const anyPoints = fc.array(
  fc.record({
    speed: number(0.1, 1),
    powerW: number(100, 1000),
  }),
  { minLength: 1, maxLength: 10 },
);

test('a curve gives the least power of every mix of two points', async (t) => {
  await checkProperty(t, fc.tuple(anyPoints, number(0, 1.2)), ([points, speed]) => {
    const curve = new SpeedCurve<SpeedPoint>(points);
    const found = curve.at(speed);
    const { slower, faster, fasterPart } = found;
    const mixed = (of: 'speed' | 'powerW') =>
      (1 - fasterPart) * slower[of] + fasterPart * faster[of];
    for (const of of ['speed', 'powerW'] as const) {
      if (Math.abs(mixed(of) - found[of]) > 1e-9 * found[of]) throw new Error(`${of} is no mix`);
    }
    if (speed > curve.fastest.speed) return;
    if (found.speed < speed * (1 - 1e-12)) throw new Error('slower than asked for');
    for (const a of points) {
      for (const b of points) {
        if (a.speed > speed || b.speed < speed) continue;
        const part = b.speed === a.speed ? 1 : (speed - a.speed) / (b.speed - a.speed);
        const powerW = (1 - part) * a.powerW + part * b.powerW;
        if (powerW < found.powerW * (1 - 1e-9)) throw new Error(`${powerW} is less`);
      }
    }
  });
});

test('within a power a curve is as fast as at the speed that draws it', async (t) => {
  await checkProperty(t, fc.tuple(anyPoints, number(50, 1200)), ([points, powerW]) => {
    const curve = new SpeedCurve<SpeedPoint>(points);
    const found = curve.within(powerW);
    if (found === undefined) {
      if (points.some((point) => point.powerW <= powerW)) throw new Error('there is one');
      return;
    }
    if (found.powerW > powerW * (1 + 1e-12)) throw new Error('too much power');
    const again = curve.at(found.speed);
    if (Math.abs(again.powerW - found.powerW) > 1e-9 * found.powerW) throw new Error('not on it');
  });
});
