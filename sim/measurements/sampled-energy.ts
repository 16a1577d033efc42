import { groupBy } from '../../src/groups.js';
import { alignedSamples, staleness, type OffsetRange } from './alignment.js';
import type { MeasuredRun, Told } from './figures.js';
import { gpuOfRank, joinedSamples } from './gpu-of-rank.js';
import type { ImportSettings } from './import-settings.js';
import { interpolatedPowers } from './interpolated-power.js';
import type { GpuSamples, TimeBase } from './measured.js';
import { fittedPowers, type SeriesPower } from './series-powers.js';
import { apart, hasStarts, type PlacedSeries } from './placed-series.js';
import { SampleSummary } from './sample-summary.js';
import { some } from './sentences.js';
import { median, type KeptSeries } from './series.js';
import { betweenIterations, workCourse } from './work-course.js';

/** The facts that the samples of a run tell. */
export interface SampledRun {
  /** By series: power by instruction, W. */
  readonly powerW: readonly ReadonlyMap<string, number>[];
  /** By series: the clock that the GPU ran at, where samples say it. */
  readonly clockMHz: readonly (number | undefined)[];
  /** Powers of ranks while they waited, W. */
  readonly waitingW: readonly number[];
}

/**
 * The energies, clocks and waiting powers that samples tell of the series of a run. Powers of
 * instructions come from least squares over the run, or from the interpolated counter.
 */
export function energiesOfSamples(
  run: MeasuredRun,
  kept: readonly KeptSeries[],
  settings: ImportSettings,
  told: Told,
): SampledRun {
  const powerW = kept.map(() => new Map<string, number>());
  const clockMHz: (number | undefined)[] = kept.map(() => undefined);
  const waitingW: number[] = [];
  const ofRank = groupBy(
    kept.map((series, at): PlacedSeries => ({ at, series })),
    ({ series }) => series.rank,
  );
  const between = betweenIterations(kept);
  const summary = new SampleSummary();
  for (const [rank, samples] of samplesOfRanks(run, [...ofRank.keys()], told)) {
    const list = ofRank.get(rank)!.filter(({ series }) => hasStarts(series));
    if (list.length === 0) continue;
    const courses = apart(list).map((each) => workCourse(each, between, settings.blockingPowerW));
    const range = offsetRange(run, list, samples, settings);
    const aligned = alignedSamples(courses, samples, range);
    summary.add(rank, samples, aligned, range);
    if (aligned === undefined) continue;
    const found: SeriesPower[] =
      settings.energyBy === 'interpolation'
        ? interpolatedPowers(list, samples, aligned.offsetS)
        : fittedPowers(courses, aligned, rank, summary);
    for (const { at, what, powerW: power } of found) {
      if (what === 'waiting') waitingW.push(power);
      else powerW[at]!.set(what, power);
    }
    for (const { at, series } of list)
      clockMHz[at] = sampledClock(series, samples, aligned.offsetS);
  }
  summary.tell(run.name, told);
  return { powerW, clockMHz, waitingW };
}

/** The samples of each rank that has any. */
function samplesOfRanks(
  { files, name }: MeasuredRun,
  ranks: readonly string[],
  { notes }: Told,
): ReadonlyMap<string, GpuSamples> {
  const found = joinedSamples(
    files.flatMap(({ place, measured }) => measured.samples.map((samples) => ({ place, samples }))),
  ).filter(({ samples }) => samples.timeS.length > 2);
  if (found.length === 0) return new Map();
  const { ofRank, note } = gpuOfRank(ranks, found);
  if (note !== undefined) notes.add(note, name);
  if (ofRank.size === 0) {
    const gpus = some(found.map(({ samples }) => samples.gpu));
    notes.add(
      ranks.length === 0
        ? 'samples without instructions are left out; if the GPU only waited, name their file by --waiting'
        : `samples are left out: nothing tells which of the GPUs ${gpus} is which of the ranks ${some(ranks)}; name files by rank (rank3-power.csv) or GPUs as the ranks`,
      name,
    );
  }
  return ofRank;
}

/** Zones of local times are whole quarters of an hour apart. */
const QUARTER_S = 900;
/** Work may begin before the samples, and end after them, by this part of either. */
const SLACK = 0.1;

/** The offsets at which a rank's samples may lie. */
function offsetRange(
  run: MeasuredRun,
  list: readonly PlacedSeries[],
  samples: GpuSamples,
  { offsetS }: ImportSettings,
): OffsetRange {
  const stale = staleness(samples);
  const shifted = (byS: number, isFound: boolean): OffsetRange => ({
    leastS: byS + stale.leastS,
    mostS: byS + stale.mostS,
    expectedS: byS,
    isFound,
  });
  if (offsetS !== undefined) return shifted(offsetS, false);
  const { base, isSameFile } = baseOfRank(run, list[0]!.series.rank, samples);
  const spans = list.flatMap(({ series }) => [series.spans[0]!, series.spans.at(-1)!]);
  const fromS = Math.min(...spans.map(({ startS }) => startS!));
  const untilS = Math.max(...spans.map(({ startS, timeS }) => startS! + timeS));
  const [firstS, lastS] = [samples.timeS[0]!, samples.timeS.at(-1)!];
  if (isSameFile || (base === samples.timeBase && base !== 'unknown')) return shifted(0, false);
  if (base !== 'unknown' && samples.timeBase !== 'unknown') {
    const apartS = (firstS + lastS - fromS - untilS) / 2;
    return shifted(Math.round(apartS / QUARTER_S) * QUARTER_S, false);
  }
  const slackS = SLACK * Math.min(untilS - fromS, lastS - firstS);
  const ends = [firstS - fromS, lastS - untilS];
  return { leastS: Math.min(...ends) - slackS, mostS: Math.max(...ends) + slackS, isFound: true };
}

function baseOfRank(
  { files }: MeasuredRun,
  rank: string,
  samples: GpuSamples,
): { base: TimeBase; isSameFile: boolean } {
  const named = files.filter(({ measured }) => measured.spans.some((span) => span.rank === rank));
  // A rank that no file names is named by its file.
  const ofRank =
    named.length > 0 ? named : files.filter(({ measured }) => measured.spans.length > 0);
  const bases = new Set(ofRank.map(({ measured }) => measured.timeBase));
  const isSameFile = ofRank.length === 1 && ofRank[0]!.measured.samples.includes(samples);
  return { base: bases.size === 1 ? [...bases][0]! : 'unknown', isSameFile };
}

/** The median of the clocks that were sampled while the instructions of a series ran. */
function sampledClock(
  { spans, keeps, iteration }: KeptSeries,
  { timeS, clockMHz }: GpuSamples,
  offsetS: number,
): number | undefined {
  if (clockMHz === undefined) return undefined;
  const seen: number[] = [];
  let k = 0;
  spans.forEach((span, s) => {
    const [fromS, untilS] = [span.startS! + offsetS, span.startS! + span.timeS + offsetS];
    while (k < timeS.length && timeS[k]! < fromS) k++;
    for (; k < timeS.length && timeS[k]! <= untilS; k++) {
      if (keeps[iteration[s]!] && !Number.isNaN(clockMHz[k]!)) seen.push(clockMHz[k]!);
    }
  });
  return seen.length === 0 ? undefined : median(seen);
}
