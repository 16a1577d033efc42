import type { Alignment, OffsetRange } from './alignment.js';
import type { Told } from './figures.js';
import type { GpuSamples } from './measured.js';
import { digits, some } from './sentences.js';
import { median } from './series.js';

/** What a user must know of the samples of a run: one sentence for all ranks of which it is true. */
export class SampleSummary {
  /** Ranks whose instructions samples do not tell apart. */
  readonly joined: string[] = [];
  /** Ranks whose samples say nothing certain. */
  readonly uncertain: string[] = [];
  private readonly apartS: number[] = [];
  private readonly intervalsS: number[] = [];
  private readonly windowsS: number[] = [];
  private readonly outside: string[] = [];
  private readonly unclear: string[] = [];
  private counted = 0;
  private worstError = 0;

  add(
    rank: string,
    samples: GpuSamples,
    aligned: Alignment | undefined,
    { isFound }: OffsetRange,
  ): void {
    if (aligned === undefined) {
      this.outside.push(rank);
      return;
    }
    if (isFound) this.apartS.push(aligned.offsetS);
    if (isFound && !aligned.isClear) this.unclear.push(rank);
    if (samples.counterJ !== undefined) this.counted++;
    if (aligned.windowS !== undefined) this.windowsS.push(aligned.windowS);
    this.intervalsS.push(aligned.observed.intervalS);
  }

  /** Notes relative standard errors of powers. */
  addErrors(errors: readonly number[]): void {
    this.worstError = errors.reduce((worst, error) => Math.max(worst, error), this.worstError);
  }

  tell(run: string, { notes, problems }: Told): void {
    const ranks = this.intervalsS.length;
    if (ranks > 0) {
      const what =
        this.counted === ranks
          ? 'the energy counter'
          : this.counted === 0
            ? 'samples of power'
            : `the energy counter (${this.counted}) and samples of power (${ranks - this.counted})`;
      const every = digits(median(this.intervalsS), 2);
      notes.add(`energies of ${ranks} ranks come from ${what}, every ${every} s`, run);
    }
    const windowS = median(this.windowsS);
    if (windowS >= LONG_WINDOW * median(this.intervalsS)) {
      notes.add(`samples of power are means over ${digits(windowS, 2)} s`, run);
    }
    if (this.apartS.length > 0 && this.unclear.length === 0) {
      notes.add(
        `the clocks of samples and instructions are ${Number(median(this.apartS).toFixed(2))} s apart, by correlation (--offset sets it)`,
        run,
      );
    }
    if (this.joined.length > 0) {
      notes.add(
        `samples do not tell forwards from backwards on rank ${some(this.joined)}: both get their mean power`,
        run,
      );
    }
    if (this.worstError > NOTED_ERROR) {
      const percent = digits(100 * this.worstError, 2);
      notes.add(
        `energies of some instructions are uncertain by ${percent} % (one standard deviation); more iterations make them surer`,
        run,
      );
    }
    this.complain(run, problems);
  }

  private complain(run: string, problems: Told['problems']): void {
    const at = run === '' ? {} : { field: `run ${run}` };
    if (this.outside.length > 0) {
      problems.add(
        `no sample lies within the instructions of rank ${some(this.outside)}; are they of another run, or in another time zone? --offset says how far the clocks are apart`,
        at,
      );
    }
    if (this.unclear.length > 0) {
      problems.add(
        `the samples of rank ${some(this.unclear)} cannot be laid over its instructions: they share no clock, and power does not follow the instructions clearly; give their distance with --offset`,
        at,
      );
    }
    if (this.uncertain.length > 0) {
      problems.add(
        `the samples of rank ${some(this.uncertain)} are too few to tell the power of its instructions within 5 %; run more iterations, or sample more often`,
        at,
      );
    }
  }
}

/** Windows longer than this many intervals between samples overlap, which is worth a sentence. */
const LONG_WINDOW = 1.5;
/** A standard error worth a sentence. */
const NOTED_ERROR = 0.02;
