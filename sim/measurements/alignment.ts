import type { GpuSamples } from './measured.js';
import {
  counterObservations,
  powerObservations,
  samplingIntervalS,
  type Observations,
} from './observations.js';
import { fitPowers, type PowerFit } from './power-fit.js';
import { isInstruction, type WorkCourse } from './work-course.js';

/** Samples of a GPU laid over the courses of its work. */
export interface Alignment {
  readonly observed: Observations;
  /** The samples' clock when the instructions' clock says 0. */
  readonly offsetS: number;
  /** For power samples: the time over which the driver takes the mean. */
  readonly windowS: number | undefined;
  /** By course; undefined where no observation counts. */
  readonly fits: readonly (PowerFit | undefined)[];
  /** Observations that count. */
  readonly count: number;
  /** The rest: root of the mean square, W. */
  readonly restW: number;
  /** Whether powers vary so that the best offset stands out from others. */
  readonly isClear: boolean;
}

/** Offsets that are tried. */
interface SearchedRange {
  readonly leastS: number;
  readonly mostS: number;
  /** The likeliest, taken of several that explain as much. */
  readonly expectedS?: number;
}

/** Offsets that are possible, by the clocks of the two files. */
export interface OffsetRange extends SearchedRange {
  /** Whether the files share no clock, so that only the powers tell the offset. */
  readonly isFound: boolean;
}

/** Observations that a search looks at, at most. */
const MOST_LOOKED_AT = 2000;
/** Offsets that a search tries, at most. */
const MOST_OFFSETS = 3000;
/** Of the shortest instruction, or of the time between samples. */
const STEP_PART = 0.2;
const LEAST_STEP_PART = 0.05;
/** The best offset leaves less than this part of the usual rest, or the choice says nothing. */
const CLEAR_REST = 0.9;
/** A rest below this part of another is clearly less. */
const CLEARLY_LESS = 0.97;
/** Around an offset that was found with one window, others are tried this far. */
const NEAR_S = 0.6;
/** Windows of power samples, besides the time between samples. */
const WINDOWS_S = [0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.35, 0.5, 0.75, 1];

/**
 * Finds the offset between two clocks, and the window of power samples, with which powers that are
 * constant by instruction explain the samples best. Readings are older than their time says, by up to
 * an update of the counter, so offsets of files that share a clock are searched too.
 *
 * O(offsets · observations), both limited.
 *
 * @returns undefined without observations of the work.
 */
export function alignedSamples(
  courses: readonly WorkCourse[],
  samples: GpuSamples,
  range: OffsetRange,
): Alignment | undefined {
  const choices = observationChoices(samples);
  const [first] = choices;
  if (first === undefined) return undefined;
  if (!range.isFound) return bestChoice(courses, choices, range);
  const coarse = bestOffset(courses, first.observed, range);
  if (coarse === undefined) return undefined;
  const near = { leastS: coarse.offsetS - NEAR_S, mostS: coarse.offsetS + NEAR_S };
  const best = bestChoice(courses, choices, near);
  return best && { ...best, isClear: coarse.isClear };
}

function bestChoice(
  courses: readonly WorkCourse[],
  choices: ReturnType<typeof observationChoices>,
  range: SearchedRange,
): Alignment | undefined {
  let best: Alignment | undefined;
  for (const { observed, windowS } of choices) {
    const found = bestOffset(courses, observed, range);
    if (found === undefined) continue;
    // Shorter windows tell more; a longer one must explain clearly more.
    if (best === undefined || found.restW < CLEARLY_LESS * best.restW) {
      best = { ...found, observed, windowS };
    }
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
export function staleness(samples: GpuSamples): Omit<OffsetRange, 'isFound'> {
  const intervalS = samplingIntervalS(samples);
  return { leastS: -Math.min(intervalS, 0.5), mostS: Math.min(2 * intervalS + 0.2, 1.2) };
}

/** Fits of several courses at one offset. */
type JointFit = Pick<Alignment, 'fits' | 'count' | 'restW'>;

function jointFit(
  courses: readonly WorkCourse[],
  observed: Observations,
  offsetS: number,
  stride = 1,
): JointFit {
  const fits = courses.map((course) => fitPowers(course, observed, offsetS, stride));
  const count = fits.reduce((sum, fit) => sum + (fit?.count ?? 0), 0);
  const restW2 = fits.reduce((sum, fit) => sum + (fit?.restW2 ?? 0), 0);
  return { fits, count, restW: count === 0 ? Infinity : Math.sqrt(restW2 / count) };
}

/** Offsets at which fewer than this part of the most observations count are no candidates. */
const LEAST_OVERLAP = 0.8;

/** The offset within a range at which powers that are constant by instruction explain most. */
export function bestOffset(
  courses: readonly WorkCourse[],
  observed: Observations,
  { leastS, mostS, expectedS }: SearchedRange,
): Omit<Alignment, 'observed' | 'windowS'> | undefined {
  const stride = Math.ceil(observed.toS.length / MOST_LOOKED_AT);
  const tried = (offsetS: number) => jointFit(courses, observed, offsetS, stride);
  const stepS = Math.max(
    STEP_PART * Math.min(observed.intervalS, shortestS(courses)),
    LEAST_STEP_PART * observed.intervalS,
    (mostS - leastS) / MOST_OFFSETS,
  );
  const steps = leastS === mostS ? 0 : Math.ceil((mostS - leastS) / stepS);
  const fits = Array.from({ length: steps + 1 }, (_, k) => tried(leastS + k * stepS));
  const enough = LEAST_OVERLAP * fits.reduce((most, { count }) => Math.max(most, count), 0);
  const rests = fits.map(({ count, restW }) => (count < enough ? Infinity : restW));
  const finite = rests.filter((rest) => rest < Infinity).sort((a, b) => a - b);
  const [least] = finite;
  if (least === undefined) return undefined;
  // Where sampling is in step with the work, several offsets explain as much.
  const mostW = TIE * least + TIE_PART * finite.at(-1)!;
  const awayS = (k: number) => Math.abs(leastS + k * stepS - (expectedS ?? NaN));
  const at = rests.reduce((best, rest, k) => {
    const isTie = expectedS !== undefined && rest <= mostW && rests[best]! <= mostW;
    return (isTie ? awayS(k) < awayS(best) : rest < rests[best]!) ? k : best;
  }, 0);
  const offsetS = refined(leastS + at * stepS, steps === 0 ? 0 : stepS, (s) => tried(s).restW);
  const isClear = rests[at]! < CLEAR_REST * finite[finite.length >> 1]!;
  return { offsetS, ...jointFit(courses, observed, offsetS), isClear };
}

/** Rests up to this many times the least, and this part of the most above it, are equal. */
const TIE = 1.002;
const TIE_PART = 0.002;

/** Halvings of the step around the best offset. */
const REFINEMENTS = 6;

function refined(startS: number, stepS: number, restAt: (offsetS: number) => number): number {
  let bestS = startS;
  let best = restAt(startS);
  for (let k = 0, halfS = stepS / 2; k < REFINEMENTS && stepS > 0; k++, halfS /= 2) {
    for (const nearS of [bestS - halfS, bestS + halfS]) {
      const rest = restAt(nearS);
      if (rest < best) [best, bestS] = [rest, nearS];
    }
  }
  return bestS;
}

function shortestS(courses: readonly WorkCourse[]): number {
  let shortest = Infinity;
  for (const { startS, endS, group, groups } of courses) {
    for (let i = 0; i < startS.length; i++) {
      const what = groups[group[i]!]?.what;
      if (what !== undefined && isInstruction(what)) {
        shortest = Math.min(shortest, endS[i]! - startS[i]!);
      }
    }
  }
  return shortest;
}
