import test from 'ava';
import { gridVerdict, type GridCheck } from '../../../sim/power/figures/grid-verdict.js';
import { powerFigures } from '../../../sim/power/figures/power-figures.js';
import type { PowerSeries } from '../../../sim/power/power-series.js';
import type { GridLimits } from '../../../sim/scenario/grid-schema.js';

/** A square wave of 2 s between 300 and 700 W, in intervals of 0.1 s. */
const SQUARE: PowerSeries = {
  everyS: 0.1,
  powerW: Float64Array.from({ length: 200 }, (_, k) => (k % 20 < 10 ? 300 : 700)),
  durationS: 20,
};

function checksOf(limits: Partial<GridLimits>, series = SQUARE): readonly GridCheck[] {
  return gridVerdict(series, { overS: 1, ...limits }).checks;
}

test('each limit that is given is one check, in order', (t) => {
  const { isKept, checks } = gridVerdict(SQUARE, {
    peakW: 700,
    dynamicRangeW: 400,
    rampUpWPerS: 400,
    rampDownWPerS: 400,
    overS: 1,
    bands: [{ fromHz: 0.1, toHz: 1, mostW: 255 }],
  });
  t.true(isKept);
  t.deepEqual(
    checks.map(({ limit, isKept }) => [limit, isKept]),
    [
      ['peak', true],
      ['dynamic range', true],
      ['ramp up', true],
      ['ramp down', true],
      ['band', true],
    ],
  );
});

test('a limit that is broken says where and by how much', (t) => {
  const [peak] = checksOf({ peakW: 500 });
  // 700 W in ten of twenty seconds.
  t.like(peak, { isKept: false, allowed: 500, found: 700, unit: 'W', atS: 1, aboveS: 10 });
  t.true(Math.abs(peak!.abovePct - 40) < 1e-9);
  const [range] = checksOf({ dynamicRangePct: 50 });
  t.like(range, { isKept: false, allowed: 350, found: 400, atS: 0, untilS: 1 });
  const [up, down] = checksOf({ rampUpWPerS: 300, rampDownWPerS: 500 });
  t.like(up, { limit: 'ramp up', isKept: false, found: 400, untilS: 1, unit: 'W/s' });
  t.like(down, { limit: 'ramp down', isKept: true, found: 400, untilS: 2 });
  t.true(Math.abs(down!.abovePct + 20) < 1e-9);
});

test('ramps may be given in megawatts per minute, and count over the time that is given', (t) => {
  const [up] = checksOf({ rampUpMWPerMin: 0.006, overS: 4 });
  t.like(up, { found: 100, isKept: true, overS: 4 });
  t.true(Math.abs(up!.allowed - 100) < 1e-9);
  t.false(checksOf({ rampUpMWPerMin: 0.0059, overS: 4 })[0]!.isKept);
});

test('a band counts all of its lines', (t) => {
  // Lines of 8/π² · … at 0.5 and 1.5 Hz: 254.6 and 84.9 W.
  const most = Math.hypot(800 / Math.PI, 800 / Math.PI / 3);
  const band = (mostW: number) => checksOf({ bands: [{ fromHz: 0.4, toHz: 2, mostW }] })[0]!;
  t.true(band(1.03 * most).isKept);
  t.false(band(0.99 * most).isKept);
  t.like(band(100), { isReliable: true, band: { fromHz: 0.4, toHz: 2 } });
  t.true(Math.abs(band(100).largestHz! - 0.5) < 1e-9);
});

test('a band that reaches beyond what is known is marked', (t) => {
  const limits = { overS: 1, bands: [{ fromHz: 0.1, toHz: 2, mostW: 100 }] };
  const { checks } = gridVerdict(SQUARE, limits, powerFigures(SQUARE, 0.3));
  t.false(checks[0]!.isReliable);
  t.true(gridVerdict(SQUARE, limits, powerFigures(SQUARE, 0.25)).checks[0]!.isReliable);
});

test('a ramp within intervals longer than its time is marked', (t) => {
  const coarse = { everyS: 5, powerW: Float64Array.of(100, 900), durationS: 10 };
  const [up] = checksOf({ rampUpWPerS: 1000 }, coarse);
  t.like(up, { isReliable: false, found: 160, overS: 5, isKept: true });
});

test('equality keeps a limit, in spite of rounding', (t) => {
  t.true(checksOf({ peakW: 700 * (1 - 1e-12) })[0]!.isKept);
  t.false(checksOf({ peakW: 700 * (1 - 1e-6) })[0]!.isKept);
});
