import { compensatedSum } from '../../../src/compensated-sum.js';
import { energyOfSeriesJ, type PowerSeries } from '../power-series.js';
import { loadDuration } from './load-duration.js';
import { GRID_MODES, UTILITY_BAND, type RAMP_TIMES_S } from './power-scales.js';
import { bandMagnitude, spectrumOf, type BandMagnitude, type Spectrum } from './spectrum.js';
import { windowChanges, type Change } from './window-extremes.js';

/** The steepest ramps over a time. */
export interface Ramps {
  /** The time; longer than was asked for if an interval is longer. */
  readonly overS: number;
  /** The steepest rise, and where. */
  readonly up: Ramp;
  /** The steepest fall, and where. */
  readonly down: Ramp;
}

/** A change of power over a time. */
export interface Ramp extends Change {
  /** The change over the time; never negative. */
  readonly wPerS: number;
}

/** Figures of power over time, by which a grid, a site or a measured run judges it. */
export interface PowerFigures {
  readonly durationS: number;
  readonly everyS: number;
  readonly energyJ: number;
  readonly meanW: number;
  /** The least power that is not exceeded 95 % of the time. */
  readonly p95W: number;
  /** The least power that is not exceeded 99 % of the time. */
  readonly p99W: number;
  /** The largest mean of an interval. */
  readonly peakW: number;
  /** The beginning of the first interval with that power. */
  readonly peakAtS: number;
  readonly leastW: number;
  readonly leastAtS: number;
  /** Largest minus least power within an iteration; within the series if no iteration is given. */
  readonly swingW: number;
  /** The beginning of the window with that swing. */
  readonly swingAtS: number;
  /** Standard deviation of power over time. */
  readonly sdW: number;
  /** Ramps over 1, 5 and 10 s. */
  readonly rampsWPerS: Readonly<Record<(typeof RAMP_TIMES_S)[number], Ramps>>;
  readonly spectrum: Spectrum;
  /** From 0.1 to 2 Hz, where grids oscillate. */
  readonly gridModes: BandMagnitude;
  /** From 0.1 to 20 Hz, which utilities limit. */
  readonly utilityBand: BandMagnitude;
}

/**
 * The figures of a series. O(n log n), where n is the number of intervals.
 *
 * @param resolutionS the shortest time within which the power is known to change; of a simulated job
 *   its shortest instruction. Frequencies above 1 / (2 · it) are marked as unreliable.
 * @param iterationS the length of an iteration: the window of the swing.
 */
export function powerFigures(
  series: PowerSeries,
  resolutionS = 0,
  iterationS = Infinity,
): PowerFigures {
  const { everyS, powerW, durationS } = series;
  const energyJ = energyOfSeriesJ(series);
  const meanW = durationS > 0 ? energyJ / durationS : 0;
  const load = loadDuration(series);
  const spectrum = spectrumOf(series, resolutionS);
  const { peak, least } = extremes(powerW);
  const ramps = (overS: number) => rampsOf(series, overS);
  return {
    ...{ durationS, everyS, energyJ, meanW },
    p95W: load.percentileW(0.95),
    p99W: load.percentileW(0.99),
    peakW: powerW[peak] ?? 0,
    peakAtS: peak * everyS,
    leastW: powerW[least] ?? 0,
    leastAtS: least * everyS,
    ...swing(series, iterationS),
    sdW: standardDeviationW(series, meanW),
    rampsWPerS: { 1: ramps(1), 5: ramps(5), 10: ramps(10) },
    spectrum,
    gridModes: bandMagnitude(spectrum, GRID_MODES),
    utilityBand: bandMagnitude(spectrum, UTILITY_BAND),
  };
}

/**
 * The steepest ramps over a time: the largest rise and fall between the means of two intervals that
 * begin at most this long after each other, over that time. So a limit of 1 MW/s over 5 s means that
 * within any 5 s the power may not rise by more than 5 MW. (A difference between powers exactly 5 s
 * apart would overlook every swing whose period divides 5 s.) If intervals are longer than the time,
 * neighbouring ones are compared. O(n).
 */
export function rampsOf(series: PowerSeries, overS: number): Ramps {
  const intervals = Math.max(1, Math.floor((overS / series.everyS) * (1 + 1e-9)));
  const timeS = Math.max(overS, series.everyS);
  const { rise, fall } = windowChanges(series, intervals);
  const ramp = (change: Change): Ramp => ({ ...change, wPerS: change.changeW / timeS });
  return { overS: timeS, up: ramp(rise), down: ramp(fall) };
}

/** The largest difference of powers within a window of an iteration's length. */
function swing(series: PowerSeries, iterationS: number): Pick<PowerFigures, 'swingW' | 'swingAtS'> {
  const { everyS, powerW } = series;
  // Windows of this many intervals lie within an iteration.
  const intervals = Math.max(1, Math.min(powerW.length, Math.round(iterationS / everyS)) - 1);
  const { rise, fall } = windowChanges(series, intervals);
  const { changeW, fromS } = rise.changeW >= fall.changeW ? rise : fall;
  return { swingW: changeW, swingAtS: fromS };
}

/** The indices of the first largest and least power. */
function extremes(powerW: Float64Array): { readonly peak: number; readonly least: number } {
  let peak = 0;
  let least = 0;
  for (let k = 1; k < powerW.length; k++) {
    if (powerW[k]! > powerW[peak]!) peak = k;
    if (powerW[k]! < powerW[least]!) least = k;
  }
  return { peak, least };
}

/** Weighted with time: the last interval may be shorter. */
function standardDeviationW({ everyS, powerW, durationS }: PowerSeries, meanW: number): number {
  if (durationS <= 0) return 0;
  const squares = compensatedSum();
  powerW.forEach((w, k) => {
    squares.add((w - meanW) ** 2 * Math.min(everyS, durationS - k * everyS));
  });
  return Math.sqrt(Math.max(0, squares.value()) / durationS);
}
