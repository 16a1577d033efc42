import { coarserSeries } from '../files/held-series.js';
import { autocorrelation } from '../figures/autocorrelation.js';
import { powerFigures, type PowerFigures } from '../figures/power-figures.js';
import type { Spectrum } from '../figures/spectrum.js';
import type { PowerSeries } from '../power-series.js';

/** The closeness of one series to another, of the same thing, that need not begin at the same time. */
export interface PowerComparison {
  /** Both with the longer intervals of the two. */
  readonly figures: PowerFigures;
  readonly against: PowerFigures;
  readonly shape: ShapeComparison;
}

/** Differences that do not depend on when a series begins. */
export interface ShapeComparison {
  /** Shifts up to this long are compared. */
  readonly shiftsS: number;
  /** Root of the mean square of differences between autocorrelations: 0 if equal, some 1 if unrelated. */
  readonly autocorrelationRms: number;
  /** Length of a cycle: the shift of the highest peak of the autocorrelation; absent if there is none. */
  readonly periodS: number | undefined;
  readonly againstPeriodS: number | undefined;
  /**
   * The distance of spectra in thirds of octaves: root of the sum of squares of differences, as a part of the
   * first spectrum. 0 if equal, 1 if the other one is flat.
   */
  readonly spectrumDistance: number;
}

/** A part of the shorter series that is long enough for cycles and short enough to be sure of. */
const SHIFTED_PART = 0.25;

/** Compares a series with another. O(n log n). */
export function comparedPower(series: PowerSeries, other: PowerSeries): PowerComparison {
  const everyS = Math.max(series.everyS, other.everyS);
  const [one, two] = [coarserSeries(series, everyS), coarserSeries(other, everyS)];
  const [figures, against] = [powerFigures(one), powerFigures(two)];
  const shiftsS = SHIFTED_PART * Math.min(one.durationS, two.durationS);
  const shifts = Math.max(1, Math.floor(shiftsS / everyS));
  const [first, second] = [autocorrelation(one, shifts + 1), autocorrelation(two, shifts + 1)];
  return {
    ...{ figures, against },
    shape: {
      shiftsS: shifts * everyS,
      autocorrelationRms: rmsDifference(first, second),
      periodS: periodOf(first, everyS),
      againstPeriodS: periodOf(second, everyS),
      spectrumDistance: spectrumDistance(figures.spectrum, against.spectrum),
    },
  };
}

function rmsDifference(a: Float64Array, b: Float64Array): number {
  const count = Math.min(a.length, b.length);
  // Without a shift both are 1.
  let squares = 0;
  for (let k = 1; k < count; k++) squares += (a[k]! - b[k]!) ** 2;
  return count < 2 ? 0 : Math.sqrt(squares / (count - 1));
}

/** A peak that is lower is no cycle. */
const LEAST_PEAK = 0.2;

/** The shift of the highest value after the first one below 0, with a parabola through its neighbours. */
function periodOf(correlation: Float64Array, everyS: number): number | undefined {
  const below = correlation.findIndex((value) => value < 0);
  if (below < 0) return undefined;
  let peak = below;
  for (let k = below; k < correlation.length; k++) {
    if (correlation[k]! > correlation[peak]!) peak = k;
  }
  const [before, at, after] = [peak - 1, peak, peak + 1].map((k) => correlation[k] ?? NaN);
  if (!(at! >= LEAST_PEAK && at! >= before! && at! >= after!)) return undefined;
  const bend = before! - 2 * at! + after!;
  return (peak + (bend === 0 ? 0 : (0.5 * (before! - after!)) / bend)) * everyS;
}

/** Bands of a third of an octave from 0.02 Hz on. */
const LOWEST_HZ = 0.02;
const BANDS_PER_OCTAVE = 3;

function spectrumDistance(one: Spectrum, other: Spectrum): number {
  const toHz = Math.min(one.reliableToHz, other.reliableToHz);
  const [a, b] = [bandAmplitudes(one, toHz), bandAmplitudes(other, toHz)];
  let difference = 0;
  let whole = 0;
  for (let band = 0; band < Math.max(a.length, b.length); band++) {
    difference += ((a[band] ?? 0) - (b[band] ?? 0)) ** 2;
    whole += (a[band] ?? 0) ** 2;
  }
  if (whole > 0) return Math.sqrt(difference / whole);
  return difference > 0 ? Infinity : 0;
}

/** The amplitude of all lines in each band together. */
function bandAmplitudes({ stepHz, amplitudeW }: Spectrum, toHz: number): number[] {
  const squares: (number | undefined)[] = [];
  for (let k = 1; k < amplitudeW.length && k * stepHz <= toHz * (1 + 1e-9); k++) {
    const band = Math.floor(BANDS_PER_OCTAVE * Math.log2((k * stepHz) / LOWEST_HZ) + 1e-9);
    if (band < 0) continue;
    squares[band] = (squares[band] ?? 0) + amplitudeW[k]! ** 2;
  }
  return Array.from(squares, (square) => Math.sqrt(square ?? 0));
}
