import FFT from 'fft.js';
import type { PowerSeries } from '../power-series.js';
import type { FrequencyBand } from './power-scales.js';
import { rebinned } from './rebinned.js';

/**
 * Amplitudes of the sines that a series consists of besides its mean. The series counts as one period
 * of a signal that repeats itself: if it is a whole number of equal iterations of T seconds, all of its
 * lines lie at multiples of 1/T.
 */
export interface Spectrum {
  /** The distance of lines: 1 / duration. */
  readonly stepHz: number;
  /** Amplitude (half of the swing of a sine) at k · stepHz; 0 for k = 0. */
  readonly amplitudeW: Float64Array;
  /** The frequency above which lines show intervals and instructions rather than the job. */
  readonly reliableToHz: number;
}

/** The swinging of power within a band. */
export interface BandMagnitude extends FrequencyBand {
  /** The largest amplitude of a single line. */
  readonly largestW: number;
  /** The frequency of that line; absent if no line lies in the band. */
  readonly largestHz?: number;
  /** The root of the sum of squares of all amplitudes: that of one sine with the power of them all. */
  readonly totalW: number;
  /** Whether all of the band is at or below the frequency to which the spectrum is reliable. */
  readonly isReliable: boolean;
}

/** Most points that are transformed, in 100 MB. */
const MOST_POINTS = 2 ** 21;

/** Points per interval, with which amplitudes are off by at most 1.6 % at the highest frequency. */
const OVERSAMPLING = 4;

/**
 * The spectrum of a series. The powers of its intervals are averaged over a power of two of shorter ones
 * of equal length, exactly; amplitudes are then corrected for that averaging. What the averaging over
 * the series' own intervals takes from an amplitude at a frequency f is not put back, because it depends
 * on how steps of power lie in intervals: at most (π · f · everyS)² / 3 of it, 3 % at 0.1 / everyS.
 * O(n log n).
 *
 * @param resolutionS the shortest time within which the power is known to change; of a simulated job,
 *   its shortest instruction, because a profile knows the mean power of one only.
 */
export function spectrumOf(series: PowerSeries, resolutionS = 0): Spectrum {
  const { everyS, powerW, durationS } = series;
  const points = pointsFor(powerW.length);
  const lines = linesOf(powerW.length, points);
  const reliableToHz = 1 / (2 * Math.max(everyS, resolutionS, durationS / points));
  if (points < 2 || durationS <= 0) {
    return { stepHz: 0, amplitudeW: new Float64Array(1), reliableToHz };
  }
  const { out } = transformed(rebinned(series, points));
  const amplitudeW = new Float64Array(lines + 1);
  for (let k = 1; k <= lines; k++) {
    const x = (Math.PI * k) / points;
    const averaging = Math.sin(x) / x;
    amplitudeW[k] = (2 * Math.hypot(out[2 * k]!, out[2 * k + 1]!)) / points / averaging;
  }
  return { stepHz: 1 / durationS, amplitudeW, reliableToHz };
}

/** The magnitude of a spectrum in a band. O(lines in it). */
export function bandMagnitude(spectrum: Spectrum, { fromHz, toHz }: FrequencyBand): BandMagnitude {
  const { stepHz, amplitudeW, reliableToHz } = spectrum;
  let largestW = 0;
  let largest = 0;
  let squares = 0;
  // Lines at an end of the band must not be lost to rounding.
  const first = Math.max(1, Math.ceil((fromHz / stepHz) * (1 - 1e-9)));
  const last = Math.min(amplitudeW.length - 1, Math.floor((toHz / stepHz) * (1 + 1e-9)));
  for (let k = first; k <= last; k++) {
    const lineW = amplitudeW[k]!;
    squares += lineW * lineW;
    if (lineW > largestW) [largestW, largest] = [lineW, k];
  }
  return {
    ...{ fromHz, toHz, largestW, totalW: Math.sqrt(squares) },
    ...(largest > 0 && { largestHz: largest * stepHz }),
    isReliable: toHz <= reliableToHz * (1 + 1e-9),
  };
}

/** A power of two of points for a transform. */
function pointsFor(intervals: number): number {
  if (intervals < 2) return 0;
  return Math.min(MOST_POINTS, 2 ** Math.ceil(Math.log2(OVERSAMPLING * intervals)));
}

/** Lines that intervals can tell apart, and points too. */
function linesOf(intervals: number, points: number): number {
  return Math.floor(Math.min(intervals / 2, points / 4));
}

/** The discrete Fourier transform of real values around their mean: real and imaginary parts in turn. */
function transformed(values: Float64Array): { readonly out: Float64Array } {
  const points = values.length;
  const out = new Float64Array(2 * points);
  const mean = values.reduce((sum, value) => sum + value, 0) / points;
  new FFT(points).realTransform(
    out,
    values.map((value) => value - mean),
  );
  return { out };
}

/** One line of a spectrum. */
export interface SpectralLine {
  readonly hz: number;
  readonly amplitudeW: number;
  readonly isReliable: boolean;
}

/** The lines with the largest amplitudes, at most `count`, by frequency. O(n log n). */
export function largestLines(
  { stepHz, amplitudeW, reliableToHz }: Spectrum,
  count: number,
): SpectralLine[] {
  return [...amplitudeW.keys()]
    .filter((k) => amplitudeW[k]! > 0)
    .sort((a, b) => amplitudeW[b]! - amplitudeW[a]! || a - b)
    .slice(0, count)
    .sort((a, b) => a - b)
    .map((k) => ({
      hz: k * stepHz,
      amplitudeW: amplitudeW[k]!,
      isReliable: k * stepHz <= reliableToHz * (1 + 1e-9),
    }));
}
