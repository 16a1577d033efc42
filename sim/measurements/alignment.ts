import type { GpuSamples } from './measured.js';
import {
  counterObservations,
  powerObservations,
  samplingIntervalS,
  type Observations,
} from './observations.js';
import { fitPowers, type PowerFit, type WorkCourse } from './power-fit.js';

/** Samples of a GPU laid over the course of its work. */
export interface Alignment {
  readonly observed: Observations;
  /** The samples' clock when the instructions' clock says 0. */
  readonly offsetS: number;
  /** For power samples: the time over which the driver takes the mean. */
  readonly windowS: number | undefined;
  readonly fit: PowerFit;
  /** Whether powers vary so that the best offset stands out from others. */
  readonly isClear: boolean;
}

/** Offsets that are possible, by the clocks of the two files. */
export interface OffsetRange {
  readonly leastS: number;
  readonly mostS: number;
}

/** Observations that a search looks at, at most. */
const MOST_LOOKED_AT = 4000;
/** Offsets that a search tries, at most. */
const MOST_OFFSETS = 4000;
/** Of the shortest instruction, or of the time between samples. */
const STEP_PART = 0.2;
/** The best offset leaves less than this part of the usual rest, or the choice says nothing. */
const CLEAR_REST = 0.9;
/** Windows of power samples, besides the time between samples. */
const WINDOWS_S = [0.025, 0.1, 0.5, 1];

/**
 * Finds the offset between two clocks, and the window of power samples, with which powers that are
 * constant by instruction explain the samples best. Readings are older than their time says, by up to
 * an update of the counter, so offsets of files that share a clock are searched too.
 *
 * O(offsets · observations), both limited.
 *
 * @param offsetS an offset that is known.
 * @returns undefined without observations of the work.
 */
export function alignedSamples(
  course: WorkCourse,
  samples: GpuSamples,
  range: OffsetRange,
  waitingW?: number,
): Alignment | undefined {
  const choices = observationChoices(samples);
  let best: Alignment | undefined;
  for (const { observed, windowS } of choices) {
    const found = bestOffset(course, observed, range, waitingW);
    if (found === undefined) continue;
    if (best === undefined || found.fit.restW < best.fit.restW)
      best = { ...found, observed, windowS };
  }
  return best;
}

function observationChoices(samples: GpuSamples) {
  const counted = counterObservations(samples);
  if (counted !== undefined) return [{ observed: counted, windowS: undefined }];
  const intervalS = samplingIntervalS(samples);
  const windows = [intervalS, ...WINDOWS_S.filter((each) => Math.abs(each / intervalS - 1) > 0.1)];
  return windows.flatMap((windowS) => {
    const observed = powerObservations(samples, windowS);
    return observed === undefined ? [] : [{ observed, windowS }];
  });
}

/** The range of offsets for files that share a clock: readings are at most this old. */
export function staleness(samples: GpuSamples): OffsetRange {
  const intervalS = samplingIntervalS(samples);
  return { leastS: -Math.min(intervalS, 0.5), mostS: Math.min(2 * intervalS + 0.2, 1.2) };
}

function bestOffset(
  course: WorkCourse,
  observed: Observations,
  { leastS, mostS }: OffsetRange,
  waitingW: number | undefined,
): Pick<Alignment, 'offsetS' | 'fit' | 'isClear'> | undefined {
  const stride = Math.ceil(observed.toS.length / MOST_LOOKED_AT);
  const tried = (offsetS: number) => fitPowers(course, observed, offsetS, waitingW, stride);
  const stepS = Math.max(
    STEP_PART * Math.min(observed.intervalS, shortestS(course)),
    (mostS - leastS) / MOST_OFFSETS,
  );
  const steps = leastS === mostS ? 0 : Math.ceil((mostS - leastS) / stepS);
  const fits = Array.from({ length: steps + 1 }, (_, k) => tried(leastS + k * stepS));
  const enough = 0.8 * fits.reduce((most, fit) => Math.max(most, fit?.count ?? 0), 0);
  const rests = fits.map((fit) => (fit === undefined || fit.count < enough ? Infinity : fit.restW));
  const at = rests.reduce((best, rest, k) => (rest < rests[best]! ? k : best), 0);
  if (rests[at] === Infinity || rests[at] === undefined) return undefined;
  const offsetS = refined(
    leastS + at * stepS,
    steps === 0 ? 0 : stepS,
    (each) => tried(each)?.restW,
  );
  const finite = rests.filter((rest) => rest < Infinity).sort((a, b) => a - b);
  const usual = finite[finite.length >> 1]!;
  return {
    offsetS,
    fit: fitPowers(course, observed, offsetS, waitingW)!,
    isClear: rests[at]! < CLEAR_REST * usual,
  };
}

/** Halvings of the step around the best offset. */
const REFINEMENTS = 6;

function refined(startS: number, stepS: number, restOf: (offsetS: number) => number | undefined) {
  let bestS = startS;
  let best = restOf(startS) ?? Infinity;
  for (let k = 0, halfS = stepS / 2; k < REFINEMENTS && stepS > 0; k++, halfS /= 2) {
    for (const nearS of [bestS - halfS, bestS + halfS]) {
      const rest = restOf(nearS) ?? Infinity;
      if (rest < best) [best, bestS] = [rest, nearS];
    }
  }
  return bestS;
}

function shortestS({ startS, endS, group }: WorkCourse): number {
  let shortest = Infinity;
  for (let i = 0; i < startS.length; i++) {
    if (group[i]! >= 0) shortest = Math.min(shortest, endS[i]! - startS[i]!);
  }
  return shortest;
}
