import { groupBy } from '../../src/groups.js';
import type { ProblemList } from '../../src/problem-list.js';
import type { ImportSettings } from './import-settings.js';
import type { InstructionSpan, MeasuredFile } from './measured.js';
import { energiesOfSamples, type SampledRun } from './sampled-energy.js';
import { some, type RunNotes } from './sentences.js';
import { instructionKey } from './instruction-key.js';
import { keptSeries, median, seriesOf, type KeptSeries } from './series.js';

/** A run, read. */
export interface MeasuredRun {
  readonly name: string;
  /** The clock that the name of the run says. */
  readonly clockMHz?: number | undefined;
  readonly files: readonly MeasuredRunFile[];
}

/** A file of a run, read. */
export interface MeasuredRunFile {
  /** Its path without the part that names the clock. */
  readonly place: string;
  readonly measured: MeasuredFile;
}

/** The cost of an instruction on one rank at one clock. */
export interface RankFigure {
  readonly rank: string;
  readonly stage: number;
  readonly kind: InstructionSpan['kind'];
  readonly frequencyMHz: number;
  readonly timeS: number;
  /** Undefined where neither the file nor samples say it. */
  readonly energyJ: number | undefined;
}

/** The figures of one run. */
export interface RunFigures {
  readonly figures: readonly RankFigure[];
  /** Powers of ranks while they waited between instructions, W. */
  readonly waitingW: readonly number[];
}

/** Collectors of what a user must know. */
export interface Told {
  readonly problems: ProblemList;
  readonly notes: RunNotes;
}

/**
 * The figures of a run: per rank, instruction and clock the median over iterations of the mean time
 * within one, and the mean energy, which the file says or samples give. O(n log n).
 */
export function figuresOfRun(run: MeasuredRun, settings: ImportSettings, told: Told): RunFigures {
  for (const { measured } of run.files) for (const note of measured.notes) told.notes.add(note);
  const kept = seriesOf(namedSpans(run)).map((series) => keptSeries(series, settings.warmUp));
  tellOfIterations(kept, run.name, told.notes);
  const sampled = energiesOfSamples(run, kept, settings, told);
  const figures = kept.flatMap((series, s) => {
    const frequencyMHz = clockOf(series, run, sampled, s);
    if (frequencyMHz === undefined) {
      told.problems.add(
        `the clock of rank "${series.rank}" is not known; name the folder of each run by its clock (1410/, clock=1410), or add samples of clocks`,
      );
      return [];
    }
    return seriesFigures(series, frequencyMHz, sampled.powerW[s]!);
  });
  return { figures, waitingW: sampled.waitingW };
}

/**
 * The spans of all files. Ranks that a file does not name are told apart by file, where two files
 * have the same instruction; files that complete each other are of one rank.
 */
function namedSpans({ files }: MeasuredRun): InstructionSpan[] {
  const ofFile = files.map(({ measured }) => measured.spans.filter(({ rank }) => rank === ''));
  const seen = new Map<string, number>();
  let isRepeated = false;
  ofFile.forEach((spans, file) => {
    for (const { stage, kind, frequencyMHz } of spans) {
      const key = `${stage} ${kind} ${frequencyMHz}`;
      if ((seen.get(key) ?? file) !== file) isRepeated = true;
      seen.set(key, file);
    }
  });
  return files.flatMap(({ measured, place }) =>
    isRepeated
      ? measured.spans.map((span) => (span.rank === '' ? { ...span, rank: place } : span))
      : measured.spans,
  );
}

function clockOf(
  { frequencyMHz }: KeptSeries,
  { clockMHz }: MeasuredRun,
  sampled: SampledRun,
  series: number,
): number | undefined {
  return sampled.clockMHz[series] ?? frequencyMHz ?? clockMHz;
}

function seriesFigures(
  series: KeptSeries,
  frequencyMHz: number,
  sampledW: ReadonlyMap<string, number>,
): RankFigure[] {
  const { rank, spans, iteration, keeps } = series;
  const counted = [...spans.keys()].filter((k) => keeps[iteration[k]!]);
  const groups = groupBy(counted, (k) => instructionKey(spans[k]!));
  return [...groups].map(([key, list]) => {
    const { stage, kind } = spans[list[0]!]!;
    const perIteration = groupBy(list, (k) => iteration[k]!);
    const timeS = median(
      [...perIteration.values()].map((each) => mean(each.map((k) => spans[k]!.timeS))),
    );
    const saidJ = list.flatMap((k) => spans[k]!.energyJ ?? []);
    const powerW = sampledW.get(key);
    const sampledJ = powerW === undefined ? undefined : powerW * timeS;
    const energyJ = saidJ.length > 0 ? mean(saidJ) : sampledJ;
    return { rank, stage, kind, frequencyMHz, timeS, energyJ };
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function tellOfIterations(kept: readonly KeptSeries[], run: string, notes: RunNotes): void {
  const counted = kept.filter(({ hasIterations }) => hasIterations);
  for (const [warmUp, list] of groupBy(counted, (series) => series.warmUp)) {
    if (warmUp === 0) continue;
    const used = list.map(({ keeps }) => keeps.filter(Boolean).length);
    const [least, most] = [Math.min(...used), Math.max(...used)];
    const count = least === most ? String(least) : `${least} to ${most}`;
    notes.add(`the first ${warmUp} iterations are warm-up and left out; ${count} are used`, run);
  }
  const outliers = counted.filter((series) => series.outliers > 0);
  if (outliers.length > 0) {
    const list = outliers.map((series) => `${series.outliers} of rank ${series.rank}`);
    notes.add(
      `iterations that take more than 5 % longer or shorter than the others, beyond their scatter, are left out: ${some(list)}`,
      run,
    );
  }
  const partial = counted.filter((series) => series.partial > 0);
  if (partial.length > 0) {
    const list = partial.map((series) => `${series.partial} of rank ${series.rank}`);
    notes.add(`iterations that lack instructions are left out: ${some(list)}`, run);
  }
}
