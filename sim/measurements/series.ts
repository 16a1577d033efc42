import { groupBy } from '../../src/groups.js';
import type { InstructionSpan } from './measured.js';

/** The instructions of one rank at one clock in one run, in order of time. */
export interface Series {
  readonly rank: string;
  /** Undefined where neither the file nor the name of the run says it. */
  readonly frequencyMHz: number | undefined;
  readonly spans: readonly InstructionSpan[];
  /** The iteration of each span, from 0 without gaps. */
  readonly iteration: Int32Array;
  readonly iterations: number;
  /** Whether the iterations are known, so that some can be left out. */
  readonly hasIterations: boolean;
}

/** The iterations of a series that count. */
export interface KeptSeries extends Series {
  /** By iteration. */
  readonly keeps: readonly boolean[];
  readonly warmUp: number;
  /** Iterations much slower or faster than the others. */
  readonly outliers: number;
  /** Iterations that lack instructions. */
  readonly partial: number;
}

/** Groups the spans of a run by rank and clock, and finds their iterations. O(n log n). */
export function seriesOf(spans: readonly InstructionSpan[]): Series[] {
  const ofRank = groupBy(spans, ({ rank, frequencyMHz }) => JSON.stringify([rank, frequencyMHz]));
  const drafts = [...ofRank.values()].map((list) => inOrder(list));
  const perIteration = microbatchesOf(drafts);
  return drafts.map((list) => {
    const { rank, frequencyMHz } = list[0]!;
    return { rank, frequencyMHz, spans: list, ...numbered(list, perIteration) };
  });
}

function inOrder(spans: InstructionSpan[]): InstructionSpan[] {
  if (spans.some(({ startS }) => startS === undefined)) return spans;
  return spans.sort((a, b) => a.startS! - b.startS!);
}

/**
 * The forwards of an iteration where no file numbers iterations: on the first stage of several, the
 * backwards catch up with the forwards only at an iteration's end; other stages, where they do so
 * more often, have as many. Undefined without backwards.
 */
function microbatchesOf(series: readonly (readonly InstructionSpan[])[]): number | undefined {
  let most = 0;
  for (const spans of series) {
    if (spans.some(({ startS }) => startS === undefined)) continue;
    let [forwards, ahead] = [0, 0];
    for (const { kind } of spans) {
      if (kind === 'forward') [forwards, ahead] = [forwards + 1, ahead + 1];
      if (isBackward(kind) && --ahead === 0) break;
    }
    if (ahead === 0 && forwards > 0) most = Math.max(most, forwards);
  }
  return most === 0 ? undefined : most;
}

/** A backward, or the part of it that every schedule has. */
function isBackward(kind: InstructionSpan['kind']): boolean {
  return kind === 'backward' || kind === 'input-gradient';
}

function numbered(
  spans: readonly InstructionSpan[],
  perIteration: number | undefined,
): Pick<Series, 'iteration' | 'iterations' | 'hasIterations'> {
  const said = spans.map(({ iteration }) => iteration);
  if (said.every((each) => each !== undefined)) {
    const names = [...new Set(said)].sort((a, b) => a - b);
    const index = new Map(names.map((name, k) => [name, k]));
    return {
      iteration: Int32Array.from(said, (name) => index.get(name)!),
      iterations: names.length,
      hasIterations: names.length > 1,
    };
  }
  if (perIteration === undefined || spans.some(({ startS }) => startS === undefined)) {
    return { iteration: new Int32Array(spans.length), iterations: 1, hasIterations: false };
  }
  const seen = new Map<string, number>();
  const iteration = Int32Array.from(spans, ({ kind }) => {
    const count = seen.get(kind) ?? 0;
    seen.set(kind, count + 1);
    return Math.floor(count / perIteration);
  });
  const iterations = iteration.reduce((most, k) => Math.max(most, k + 1), 1);
  return { iteration, iterations, hasIterations: iterations > 1 };
}

/** An iteration this much off the median, in parts of it, may be an outlier. */
const LEAST_DEVIATION = 0.05;
/** One beyond this many standard deviations, estimated by the median deviation, is one. */
const MOST_DEVIATIONS = 6;
const PER_MEDIAN_DEVIATION = 1.4826;

/** Iterations that Perseus lets pass before it measures. */
const USUAL_WARM_UP = 10;

/**
 * Chooses the iterations that count: not the warm-up, not those that lack instructions, not those
 * that take much longer or shorter than the others.
 * @param warmUp iterations to leave out; by default ten, but no more than a third.
 */
export function keptSeries(series: Series, warmUp: number | undefined): KeptSeries {
  const { spans, iteration, iterations, hasIterations } = series;
  const first = hasIterations
    ? Math.min(warmUp ?? Math.min(USUAL_WARM_UP, Math.floor(iterations / 3)), iterations)
    : 0;
  const [counts, timesS] = [new Float64Array(iterations), new Float64Array(iterations)];
  spans.forEach(({ timeS }, k) => {
    counts[iteration[k]!]! += 1;
    timesS[iteration[k]!]! += timeS;
  });
  const isWhole = wholeIterations(counts.subarray(first));
  const whole = [...timesS.subarray(first)].filter((_, k) => isWhole[k]);
  const usualS = median(whole);
  const deviationS = PER_MEDIAN_DEVIATION * median(whole.map((each) => Math.abs(each - usualS)));
  const mostS = Math.max(MOST_DEVIATIONS * deviationS, LEAST_DEVIATION * usualS);
  let [outliers, partial] = [0, 0];
  const keeps = Array.from(timesS, (timeS, k) => {
    if (k < first) return false;
    if (!isWhole[k - first]) partial++;
    else if (Math.abs(timeS - usualS) > mostS) outliers++;
    else return true;
    return false;
  });
  return { ...series, keeps, warmUp: first, outliers, partial };
}

/** Iterations with as many instructions as most have. */
function wholeIterations(counts: Float64Array): boolean[] {
  const frequent = [...groupBy(counts, (count) => count)].sort((a, b) => b[1].length - a[1].length);
  const usual = frequent[0]?.[0];
  return Array.from(counts, (count) => count === usual);
}

/** The middle value; NaN of nothing. O(n log n). */
export function median(values: readonly number[] | Float64Array): number {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  if (n === 0) return NaN;
  return n % 2 === 1 ? sorted[(n - 1) / 2]! : (sorted[n / 2 - 1]! + sorted[n / 2]!) / 2;
}
