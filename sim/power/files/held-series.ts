import { PowerAverager, type PowerSeries, type PowerSteps } from '../power-series.js';
import { summedSteps } from '../trace/summed-steps.js';
import type { PowerSignal } from './power-signals.js';

/** A signal or a sum of signals, read. */
export interface HeldPower {
  readonly series: PowerSeries;
  /** The usual distance of samples. */
  readonly sampledEveryS: number;
  /** Times between samples that are much longer: the power before was held. */
  readonly gaps: { readonly count: number; readonly longestS: number };
  /** Samples that repeat the time of another. */
  readonly repeated: number;
  /** The energy that counters counted between the first and last sample, if all signals have one. */
  readonly counterJ: number | undefined;
}

/** A pause this many times longer than the usual one is a gap. */
const GAP = 5;

/**
 * The sum of signals as a series of means: each power is held until the signal's next sample. It begins with the
 * last of the signals and ends with the first. O(samples · log signals).
 *
 * @param everyS the length of intervals; the usual distance of samples if left out.
 * @returns undefined if there are no two samples of every signal, or no time that all of them cover.
 */
export function heldSeries(
  signals: readonly PowerSignal[],
  everyS?: number,
): HeldPower | undefined {
  const ordered = signals.map(orderedSignal);
  if (ordered.some(({ timeS }) => timeS.length < 2)) return undefined;
  const fromS = Math.max(...ordered.map(({ timeS }) => timeS[0]!));
  const untilS = Math.min(...ordered.map(({ timeS }) => timeS.at(-1)!));
  if (!(untilS > fromS)) return undefined;
  const distances = ordered.map(({ timeS }) => timeS.subarray(1).map((t, k) => t - timeS[k]!));
  const usualS = Math.max(
    ...distances.map((ofSignal) => ofSignal.toSorted()[ofSignal.length >> 1]!),
  );
  const gaps = distances.flatMap((ofSignal) => [...ofSignal.filter((d) => d > GAP * usualS)]);
  const sum = summedSteps(
    ordered.map((signal) => ({ steps: stepsBetween(signal, fromS, untilS), gpuCount: 1 })),
  );
  const sampledEveryS = sampledEvery(distances, usualS);
  return {
    series: averagedSteps(sum, everyS ?? sampledEveryS),
    sampledEveryS,
    gaps: { count: gaps.length, longestS: gaps.reduce((a, b) => Math.max(a, b), 0) },
    repeated: ordered.reduce((total, { repeated }) => total + repeated, 0),
    counterJ: countedJ(ordered, fromS, untilS),
  };
}

/** Distances this near to each other, as a part of them, are equal but for rounding. */
const ROUNDING = 1e-6;

/** The usual distance of samples: as exact as their times, or rounded where they scatter. */
function sampledEvery(distances: readonly Float64Array[], usualS: number): number {
  const isEqual = (distance: number) => Math.abs(distance - usualS) <= ROUNDING * usualS;
  // The last one may end a run.
  const isExact = distances.every((ofSignal) => ofSignal.subarray(0, -1).every(isEqual));
  return Number(usualS.toPrecision(isExact ? 9 : 3));
}

/** Means of steps over intervals. */
function averagedSteps(steps: PowerSteps, everyS: number): PowerSeries {
  const meansW: number[] = [];
  const averager = new PowerAverager(everyS, (meanW) => meansW.push(meanW));
  averager.append(steps);
  const { durationS } = averager.finish();
  return { everyS, durationS, powerW: Float64Array.from(meansW) };
}

/** The same powers as means over longer intervals. */
export function coarserSeries(series: PowerSeries, everyS: number): PowerSeries {
  if (everyS <= series.everyS * (1 + 1e-9)) return series;
  const untilS = series.powerW.map((_, k) => Math.min((k + 1) * series.everyS, series.durationS));
  return averagedSteps({ untilS, powerW: series.powerW }, everyS);
}

/** A signal in order of time, without samples that have no power. */
interface OrderedSignal extends PowerSignal {
  readonly repeated: number;
}

function orderedSignal({ name, timeS, powerW, counterJ }: PowerSignal): OrderedSignal {
  const known = Array.from(timeS.keys())
    .filter((k) => !Number.isNaN(powerW[k]!))
    .sort((a, b) => timeS[a]! - timeS[b]! || a - b);
  const kept = known.filter((k, at) => timeS[known[at + 1] ?? -1] !== timeS[k]);
  const pick = (values: Float64Array) => Float64Array.from(kept, (k) => values[k]!);
  return {
    ...{ name, timeS: pick(timeS), powerW: pick(powerW), repeated: known.length - kept.length },
    ...(counterJ !== undefined && { counterJ: pick(counterJ) }),
  };
}

function stepsBetween({ timeS, powerW }: PowerSignal, beginS: number, endS: number): PowerSteps {
  const first = timeS.findLastIndex((time) => time <= beginS);
  const last = timeS.findLastIndex((time) => time < endS);
  const untilS = Float64Array.from(
    { length: last - first + 1 },
    (_, k) => Math.min(timeS[first + k + 1] ?? endS, endS) - beginS,
  );
  return { untilS, powerW: powerW.slice(first, last + 1) };
}

function countedJ(
  signals: readonly PowerSignal[],
  fromS: number,
  untilS: number,
): number | undefined {
  let totalJ = 0;
  for (const { timeS, counterJ } of signals) {
    if (counterJ === undefined) return undefined;
    const first = timeS.findLastIndex((time) => time <= fromS);
    const last = timeS.findLastIndex((time) => time <= untilS);
    const roseJ = counterJ[last]! - counterJ[first]!;
    // A counter that starts anew counts nothing here.
    if (!(roseJ > 0)) return undefined;
    totalJ += roseJ;
  }
  return totalJ;
}
