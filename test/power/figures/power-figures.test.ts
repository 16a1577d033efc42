import test, { type ExecutionContext } from 'ava';
import { autocorrelation } from '../../../sim/power/figures/autocorrelation.js';
import { loadDuration } from '../../../sim/power/figures/load-duration.js';
import { powerFigures, rampsOf } from '../../../sim/power/figures/power-figures.js';
import { rebinned } from '../../../sim/power/figures/rebinned.js';
import { bandMagnitude, spectrumOf } from '../../../sim/power/figures/spectrum.js';
import {
  energyOfSeriesJ,
  PowerAverager,
  type PowerSeries,
} from '../../../sim/power/power-series.js';

/** Asserts that a value is the expected one but for a relative error. */
function closeTo(t: ExecutionContext, value: number, expected: number, relative: number): void {
  const isClose = Math.abs(value - expected) <= relative * Math.abs(expected);
  t.true(isClose, `${value} is not ${expected}`);
}

/** A series of these powers. */
function seriesOf(everyS: number, powerW: readonly number[], lastS = everyS): PowerSeries {
  const durationS = (powerW.length - 1) * everyS + lastS;
  return { everyS, powerW: Float64Array.from(powerW), durationS };
}

/** A square wave: low for the first part of each period, then high. */
function squareWave(periods: number, lowW = 300, highW = 700): PowerSeries {
  return seriesOf(
    0.01,
    Array.from({ length: periods * 200 }, (_, k) => (k % 200 < 100 ? lowW : highW)),
  );
}

/** A sine around 500 W. */
function sine(hz: number, amplitudeW: number, everyS: number, durationS: number): PowerSeries {
  const count = Math.round(durationS / everyS);
  const powerW = Array.from({ length: count }, (_, k) => {
    // The exact mean of the sine over the interval.
    const w = 2 * Math.PI * hz;
    const meanOfSine = (Math.cos(w * k * everyS) - Math.cos(w * (k + 1) * everyS)) / (w * everyS);
    return 500 + amplitudeW * meanOfSine;
  });
  return seriesOf(everyS, powerW);
}

test('a square wave of 2 s from 300 to 700 W has the figures computed by hand', (t) => {
  const figures = powerFigures(squareWave(10), 0, 2);
  closeTo(t, figures.meanW, 500, 1e-12);
  closeTo(t, figures.durationS, 20, 1e-12);
  closeTo(t, figures.energyJ, 10_000, 1e-12);
  t.is(figures.p95W, 700);
  t.is(figures.p99W, 700);
  t.is(figures.peakW, 700);
  t.is(figures.peakAtS, 1);
  t.is(figures.leastW, 300);
  t.is(figures.swingW, 400);
  closeTo(t, figures.sdW, 200, 1e-12);
  for (const overS of [1, 5, 10] as const) {
    closeTo(t, figures.rampsWPerS[overS].up.wPerS, 400 / overS, 1e-12);
    closeTo(t, figures.rampsWPerS[overS].down.wPerS, 400 / overS, 1e-12);
  }
  closeTo(t, figures.rampsWPerS[1].up.untilS, 1, 1e-12);
  closeTo(t, figures.rampsWPerS[1].down.untilS, 2, 1e-12);
});

test('a square wave has lines at odd multiples of 1/T with the amplitudes of its Fourier series', (t) => {
  const { stepHz, amplitudeW } = spectrumOf(squareWave(10));
  closeTo(t, stepHz, 0.05, 1e-12);
  // T = 2 s is ten lines of 1 / 20 s.
  for (const n of [1, 3, 5, 7, 9]) {
    closeTo(t, amplitudeW[10 * n]!, ((4 / (Math.PI * n)) * 400) / 2, 3e-4);
  }
  amplitudeW.forEach((lineW, k) => {
    if (k % 20 !== 10) t.true(lineW < 0.2, `line ${k}: ${lineW} W`);
  });
});

test('the magnitude of a square wave in a band is that of its lines there', (t) => {
  const spectrum = spectrumOf(squareWave(10));
  const lineW = (n: number) => 800 / (Math.PI * n);
  const band = bandMagnitude(spectrum, { fromHz: 0.1, toHz: 2 });
  closeTo(t, band.largestW, lineW(1), 1e-3);
  closeTo(t, band.largestHz!, 0.5, 1e-12);
  closeTo(t, band.totalW, Math.hypot(lineW(1), lineW(3)), 1e-3);
  t.true(band.isReliable);
  // Both ends belong to the band.
  closeTo(t, bandMagnitude(spectrum, { fromHz: 0.5, toHz: 0.5 }).totalW, lineW(1), 1e-3);
  const none = bandMagnitude(spectrum, { fromHz: 0.51, toHz: 0.54 });
  t.deepEqual(none, { fromHz: 0.51, toHz: 0.54, largestW: 0, totalW: 0, isReliable: true });
});

test('all lines together have the power of the swing', (t) => {
  const { sdW, spectrum } = powerFigures(squareWave(10));
  const all = bandMagnitude(spectrum, { fromHz: 0, toHz: Infinity });
  // Lines above the highest frequency are missing: 4/π² of the power of a square wave per line number.
  closeTo(t, all.totalW / Math.SQRT2, sdW, 5e-3);
});

for (const [hz, durationS] of [
  [1, 10],
  [0.37, 100],
  [3.7, 60],
] as const) {
  test(`a sine of ${hz} Hz has one line`, (t) => {
    const figures = powerFigures(sine(hz, 100, 0.01, durationS));
    const { amplitudeW, stepHz } = figures.spectrum;
    const at = Math.round(hz / stepHz);
    // Means of intervals, held for them, lack this part of an amplitude.
    const averaging = (Math.PI * hz * 0.01) ** 2 / 3;
    closeTo(t, amplitudeW[at]!, 100 * (1 - averaging), 2e-4);
    amplitudeW.forEach((lineW, k) => {
      if (k !== at) t.true(lineW < 0.1, `line ${k}: ${lineW} W`);
    });
    closeTo(t, figures.sdW, 100 / Math.SQRT2, 5e-3);
    closeTo(t, figures.swingW, 200, 1e-2);
  });
}

test('the lines of equal iterations lie at multiples of 1/T, whatever the length of intervals', (t) => {
  const meansW: number[] = [];
  const averager = new PowerAverager(0.01, (meanW) => meansW.push(meanW));
  const iterationS = 1.0437;
  for (let k = 0; k < 50; k++) {
    averager.hold(0.7, 650);
    averager.hold(iterationS - 0.7, 250);
  }
  const { durationS } = averager.finish();
  const { amplitudeW, stepHz } = spectrumOf({
    ...{ everyS: 0.01, durationS },
    powerW: Float64Array.from(meansW),
  });
  closeTo(t, stepHz * 50, 1 / iterationS, 1e-9);
  for (const n of [1, 2, 3]) {
    const expectedW =
      ((2 * 400) / (Math.PI * n)) * Math.abs(Math.sin(Math.PI * n * (0.7 / iterationS)));
    closeTo(t, amplitudeW[50 * n]!, expectedW, 3e-3);
  }
  // Up to 5 Hz, everything else is what intervals that do not fit T leave.
  const others = amplitudeW.slice(1, Math.floor(5 / stepHz)).filter((_, k) => (k + 1) % 50 !== 0);
  t.true(Math.max(...others) < 0.005 * amplitudeW[50]!, `${Math.max(...others)} W`);
});

test('a constant power has no swing, ramps or lines', (t) => {
  const figures = powerFigures(seriesOf(0.1, Array<number>(64).fill(500), 0.05));
  closeTo(t, figures.meanW, 500, 1e-12);
  t.is(figures.p95W, 500);
  t.is(figures.p99W, 500);
  t.is(figures.peakW, 500);
  t.is(figures.swingW, 0);
  t.true(figures.sdW < 1e-9);
  t.is(figures.rampsWPerS[1].up.wPerS, 0);
  t.is(figures.rampsWPerS[10].down.wPerS, 0);
  t.true(figures.utilityBand.totalW < 1e-9);
  t.true(figures.gridModes.largestW < 1e-9);
});

test('figures of one interval and of none are numbers', (t) => {
  const one = powerFigures(seriesOf(1, [400], 0.5));
  t.is(one.meanW, 400);
  t.is(one.energyJ, 200);
  t.is(one.swingW, 0);
  t.deepEqual([...one.spectrum.amplitudeW], [0]);
  t.is(one.gridModes.totalW, 0);
  const none = powerFigures({ everyS: 1, powerW: new Float64Array(0), durationS: 0 });
  for (const value of [none.meanW, none.p99W, none.peakW, none.swingW, none.sdW, none.energyJ]) {
    t.is(value, 0);
  }
});

test('percentiles and times above a level weigh the last interval with its length', (t) => {
  // 9.5 s in all; the last interval lasts 0.5 s at 1000 W.
  const series = seriesOf(1, [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000], 0.5);
  const load = loadDuration(series);
  t.is(load.percentileW(0.9), 900);
  t.is(load.percentileW(9 / 9.5), 900);
  t.is(load.percentileW(0.95), 1000);
  t.is(load.percentileW(1), 1000);
  t.is(load.percentileW(0), 100);
  t.is(load.timeAboveS(900), 0.5);
  t.is(load.timeAboveS(899), 1.5);
  t.is(load.timeAboveS(1000), 0);
  t.is(load.timeAboveS(0), 9.5);
  // Where the last interval is in the middle.
  const other = loadDuration(seriesOf(1, [100, 300, 200], 0.5));
  t.is(other.timeAboveS(150), 1.5);
  t.is(other.timeAboveS(200), 1);
  t.is(other.percentileW(0.4), 100);
  t.is(other.percentileW(0.6), 200);
  t.is(other.percentileW(0.61), 300);
});

test('a swing whose period divides the time of a ramp is not overlooked', (t) => {
  // 2 Hz: powers 1 s apart are equal.
  const series = seriesOf(
    0.05,
    Array.from({ length: 100 }, (_, k) => (k % 10 < 5 ? 100 : 500)),
  );
  t.is(rampsOf(series, 1).up.wPerS, 400);
  t.is(rampsOf(series, 5).down.wPerS, 80);
});

test('a slow rise counts by what it rises within the time', (t) => {
  const series = seriesOf(
    1,
    Array.from({ length: 30 }, (_, k) => 100 * Math.min(k, 20)),
  );
  const ramps = rampsOf(series, 5);
  t.is(ramps.up.wPerS, 100);
  t.is(ramps.up.changeW, 500);
  t.is(ramps.up.fromS, 0);
  t.is(ramps.up.untilS, 5);
  t.is(ramps.down.wPerS, 0);
});

test('intervals longer than the time of a ramp are compared with their neighbours', (t) => {
  const ramps = rampsOf(seriesOf(60, [100, 700, 100]), 1);
  t.is(ramps.overS, 60);
  t.is(ramps.up.wPerS, 10);
  t.is(ramps.down.fromS, 60);
});

test('the swing is that of an iteration if its length is given', (t) => {
  // It drifts from 100 to 1090 W, and swings by 50 W within ten intervals.
  const series = seriesOf(
    0.1,
    Array.from({ length: 100 }, (_, k) => 100 + 5 * k + (k % 10 < 5 ? 0 : 50)),
  );
  t.is(powerFigures(series).swingW, 5 * 99 + 50);
  t.is(powerFigures(series, 0, 1).swingW, 95);
});

test('frequencies above those that intervals or instructions can show are marked', (t) => {
  const series = squareWave(10);
  closeTo(t, spectrumOf(series).reliableToHz, 50, 1e-12);
  closeTo(t, spectrumOf(series, 0.1).reliableToHz, 5, 1e-12);
  t.true(powerFigures(series, 0.025).utilityBand.isReliable);
  t.false(powerFigures(series, 0.026).utilityBand.isReliable);
  t.true(powerFigures(series, 0.026).gridModes.isReliable);
});

test('rebinning keeps the energy of every part', (t) => {
  const series = seriesOf(0.3, [100, 500, 200, 900, 50], 0.17);
  for (const count of [1, 3, 8, 64]) {
    const powerW = rebinned(series, count);
    const energyJ = energyOfSeriesJ({ ...series, everyS: series.durationS / count, powerW });
    closeTo(t, energyJ, energyOfSeriesJ(series), 1e-12);
  }
  closeTo(t, rebinned(series, 1)[0]!, energyOfSeriesJ(series) / series.durationS, 1e-12);
});

test('a square wave is correlated with itself a period later, and against itself half a period later', (t) => {
  const correlation = autocorrelation(squareWave(10), 401);
  t.is(correlation.length, 401);
  t.is(correlation[0], 1);
  closeTo(t, correlation[200]!, 0.9, 1e-9);
  closeTo(t, correlation[100]!, -0.95, 1e-9);
  closeTo(t, correlation[400]!, 0.8, 1e-9);
  t.true(Math.abs(correlation[50]!) < 0.03);
});

test('autocorrelation is the sum over overlapping intervals', (t) => {
  const powerW = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5];
  const mean = powerW.reduce((sum, w) => sum + w) / powerW.length;
  const product = (shift: number) =>
    powerW.slice(shift).reduce((sum, w, k) => sum + (w - mean) * (powerW[k]! - mean), 0);
  autocorrelation(seriesOf(1, powerW), 99).forEach((value, shift) => {
    t.true(Math.abs(value - product(shift) / product(0)) < 1e-12);
  });
  t.deepEqual([...autocorrelation(seriesOf(1, [7, 7, 7]), 3)], [1, 0, 0]);
  t.deepEqual([...autocorrelation(seriesOf(1, []), 3)], []);
});
