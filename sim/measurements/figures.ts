import { groupBy } from '../../src/groups.js';
import type { ProblemList } from '../../src/problem-list.js';
import type { ImportSettings } from './import-settings.js';
import type { InstructionSpan, MeasuredFile } from './measured.js';
import { runClocks } from './run-clocks.js';
import { energiesOfSamples } from './sampled-energy.js';
import { digits, some, type RunNotes } from './sentences.js';
import { instructionKey } from './instruction-key.js';
import { windowPowers } from './window-power.js';
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
  if (kept.some(({ keeps }) => !keeps.includes(true))) {
    const most = kept.reduce((least, { iterations }) => Math.min(least, iterations), Infinity);
    told.problems.add(`found ${settings.warmUp}, but there are runs of ${most} iterations`, {
      field: '--warm-up',
    });
    return { figures: [], waitingW: [] };
  }
  const sampled = energiesOfSamples(run, kept, settings, told);
  const scatter = new Scatter();
  const windows =
    settings.energyBy === 'least-squares'
      ? windowPowers(kept, settings.blockingPowerW, scatter)
      : undefined;
  const clocks = runClocks(kept, run, sampled.clockMHz, told.notes);
  const figures = kept.flatMap((series, s) => {
    const frequencyMHz = clocks[s] ?? unsetClock(settings, run.name, told);
    if (frequencyMHz === undefined) {
      told.problems.add(
        `the clock of rank "${series.rank}" is not known; name the folder of each run by its clock (1410/, clock=1410), or add samples of clocks`,
      );
      return [];
    }
    return seriesFigures(
      series,
      frequencyMHz,
      { sampled: sampled.powerW[s]!, windows: windows?.[s] },
      scatter,
    );
  });
  scatter.tell(run.name, told.notes);
  return { figures, waitingW: sampled.waitingW };
}

/** The clock of a GPU whose clock nobody set, where the GPU is known. */
function unsetClock({ machine }: ImportSettings, run: string, { notes }: Told): number | undefined {
  if (machine === undefined) return undefined;
  const { highestMHz, name } = machine;
  notes.add(`clocks are not known, so the highest of ${name} is taken: ${highestMHz} MHz`, run);
  return highestMHz;
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

function seriesFigures(
  series: KeptSeries,
  frequencyMHz: number,
  powers: FoundPowers,
  scatter: Scatter,
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
    const powerW =
      powers.windows?.get(key) ?? (saidJ.length > 0 ? undefined : powers.sampled.get(key));
    if (powerW === undefined) scatter.add(saidJ);
    const energyJ = powerW === undefined ? meanOrNone(saidJ) : powerW * timeS;
    return { rank, stage, kind, frequencyMHz, timeS, energyJ };
  });
}

/** Powers by instruction, W: of samples, and of energies that the file says of instructions. */
interface FoundPowers {
  readonly sampled: ReadonlyMap<string, number>;
  readonly windows: ReadonlyMap<string, number> | undefined;
}

function meanOrNone(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : mean(values);
}

/** A standard error of mean energies that is worth a sentence. */
const NOTED_ERROR = 0.02;

/** How far energies that files say of each instruction scatter. */
class Scatter {
  private worst = 0;

  add(energiesJ: readonly number[]): void {
    if (energiesJ.length < 2) return;
    const meanJ = mean(energiesJ);
    const variance = mean(energiesJ.map((each) => (each - meanJ) ** 2));
    this.worst = Math.max(this.worst, Math.sqrt(variance / (energiesJ.length - 1)) / meanJ);
  }

  /** Adds relative standard errors. */
  addErrors(errors: readonly number[]): void {
    this.worst = errors.reduce((worst, error) => Math.max(worst, error), this.worst);
  }

  tell(run: string, notes: RunNotes): void {
    if (this.worst <= NOTED_ERROR) return;
    notes.add(
      `energies of single instructions scatter, as where they are shorter than the time between two updates of the counter: means are uncertain by ${digits(100 * this.worst, 2)} % (one standard deviation); more iterations make them surer, samples over the whole run more so`,
      run,
    );
  }
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
