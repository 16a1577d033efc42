import type { GpuSamples } from './measured.js';
import { median } from './series.js';

/** Energies that a GPU used between pairs of moments, by the clock of the samples' file. */
export interface Observations {
  readonly fromS: Float64Array;
  readonly toS: Float64Array;
  readonly energyJ: Float64Array;
  /** The usual time between two values. */
  readonly intervalS: number;
}

/**
 * The energies between updates of a GPU's counter. A counter is read more often than it is updated:
 * the time of a new value is that of the first sample that shows it. A value below the one before,
 * where a driver was loaded anew, begins again. O(samples).
 */
export function counterObservations({ timeS, counterJ }: GpuSamples): Observations | undefined {
  if (counterJ === undefined) return undefined;
  const [fromS, toS, energyJ]: number[][] = [[], [], []];
  let last = -1;
  // The first value is as old as it may be.
  let isFirst = true;
  for (let k = 0; k < timeS.length; k++) {
    const value = counterJ[k]!;
    if (Number.isNaN(value) || (last >= 0 && value === counterJ[last])) continue;
    if (last >= 0 && value > counterJ[last]! && !isFirst) {
      fromS!.push(timeS[last]!);
      toS!.push(timeS[k]!);
      energyJ!.push(value - counterJ[last]!);
    }
    isFirst = last < 0;
    last = k;
  }
  return observations(fromS!, toS!, energyJ!);
}

/**
 * The energies of windows that end at the samples of a GPU's power: a driver reports the mean over
 * the time before. O(samples).
 */
export function powerObservations(
  { timeS, powerW }: GpuSamples,
  windowS: number,
): Observations | undefined {
  if (powerW === undefined) return undefined;
  const valid = [...timeS.keys()].filter((k) => !Number.isNaN(powerW[k]!));
  return observations(
    valid.map((k) => timeS[k]! - windowS),
    valid.map((k) => timeS[k]!),
    valid.map((k) => powerW[k]! * windowS),
  );
}

/** The usual time between samples. */
export function samplingIntervalS({ timeS }: GpuSamples): number {
  return median(timeS.slice(1).map((each, k) => each - timeS[k]!));
}

function observations(
  fromS: readonly number[],
  toS: readonly number[],
  energyJ: readonly number[],
): Observations | undefined {
  if (toS.length < 2) return undefined;
  return {
    fromS: Float64Array.from(fromS),
    toS: Float64Array.from(toS),
    energyJ: Float64Array.from(energyJ),
    intervalS: median(toS.slice(1).map((each, k) => each - toS[k]!)),
  };
}

/** The energy that a GPU has used since the first sample, at moments. */
export interface EnergyOverTime {
  readonly timeS: Float64Array;
  readonly energyJ: Float64Array;
  /** Longer times between two moments are gaps, over which nothing is interpolated. */
  readonly mostGapS: number;
}

/** Longer than this many usual intervals is a gap. */
const GAP_INTERVALS = 5;

/** The cumulative energy of a counter, or of powers added up by trapezoids. O(samples). */
export function energyOverTime(samples: GpuSamples): EnergyOverTime | undefined {
  const counted = counterObservations(samples);
  if (counted !== undefined) {
    const { fromS, toS, energyJ, intervalS } = counted;
    let sumJ = 0;
    const sums = energyJ.map((each) => (sumJ += each));
    return {
      timeS: Float64Array.of(fromS[0]!, ...toS),
      energyJ: Float64Array.of(0, ...sums),
      mostGapS: GAP_INTERVALS * intervalS,
    };
  }
  const { timeS, powerW } = samples;
  if (powerW === undefined) return undefined;
  const valid = [...timeS.keys()].filter((k) => !Number.isNaN(powerW[k]!));
  if (valid.length < 2) return undefined;
  let sumJ = 0;
  const energyJ = valid.map((k, n) => {
    const before = valid[n - 1];
    if (before === undefined) return 0;
    return (sumJ += ((powerW[k]! + powerW[before]!) / 2) * (timeS[k]! - timeS[before]!));
  });
  return {
    timeS: Float64Array.from(valid, (k) => timeS[k]!),
    energyJ: Float64Array.from(energyJ),
    mostGapS: GAP_INTERVALS * samplingIntervalS(samples),
  };
}

/** The energy between two moments, interpolated; undefined beyond the samples and in gaps. O(log n). */
export function energyBetween(
  { timeS, energyJ, mostGapS }: EnergyOverTime,
  fromS: number,
  toS: number,
): number | undefined {
  const at = (moment: number): number | undefined => {
    const next = firstAtOrAfter(timeS, moment);
    if (next >= timeS.length) return undefined;
    if (timeS[next] === moment) return energyJ[next]!;
    if (next === 0) return undefined;
    const stepS = timeS[next]! - timeS[next - 1]!;
    if (stepS > mostGapS) return undefined;
    const part = (moment - timeS[next - 1]!) / stepS;
    return energyJ[next - 1]! + part * (energyJ[next]! - energyJ[next - 1]!);
  };
  const [before, after] = [at(fromS), at(toS)];
  return before === undefined || after === undefined ? undefined : after - before;
}

/** The first place in a rising array whose value is not below another. O(log n). */
export function firstAtOrAfter(rising: Float64Array, value: number): number {
  let [low, high] = [0, rising.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rising[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
