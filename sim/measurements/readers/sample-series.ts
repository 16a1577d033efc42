import { MisfitRows } from '../../../src/profile/misfit-rows.js';
import { expectation, isPlausible } from '../../../src/plausible.js';
import { ENERGIES, QUANTITIES, type Quantity } from '../../../src/quantities.js';
import type { ProblemList } from '../../../src/problem-list.js';
import type { GpuSamples, TimeBase } from '../measured.js';
import { counted, Tally } from './tally.js';

/** The values of one sample; NaN where the file has none. */
export interface SampleValues {
  readonly powerW?: number | undefined;
  readonly counterJ?: number | undefined;
  readonly clockMHz?: number | undefined;
}

/** Names of the columns in messages. */
export interface SampleColumns {
  readonly power?: string | undefined;
  readonly counter?: string | undefined;
  readonly clock?: string | undefined;
}

/** Power of a GPU in any state. */
const ANY_POWER: Quantity = {
  ...QUANTITIES.computingPowerW,
  least: 1,
  usual: [5, 1500],
  why: 'GPUs draw this much',
};

/** No machine has more GPUs; a column taken for their index has. */
const MOST_GPUS = 4096;

/** A counter that falls on more than this part of the lines, and so often, is none. */
const MOST_FALLS = 0.05;
const FEWEST_FALLS = 3;

/** A pause this many times longer than the usual interval is a gap. */
const GAP = 5;

interface Series {
  readonly timeS: number[];
  readonly powerW: number[];
  readonly counterJ: number[];
  readonly clockMHz: number[];
  readonly line: number[];
}

/**
 * Collects samples of several GPUs, whose lines may alternate, and puts each GPU's in order of time.
 * Impossible powers, clocks and counters are problems; what is odd but can be read (repeated times, times out
 * of order, gaps, counters that start anew) becomes a note.
 */
export class SampleSeries {
  private readonly series = new Map<string, Series>();
  private readonly misfits: MisfitRows;
  private readonly remarks = new Tally();

  constructor(
    private readonly problems: ProblemList,
    private readonly columns: SampleColumns,
  ) {
    this.misfits = new MisfitRows(problems);
  }

  add(gpu: string, timeS: number, values: SampleValues, line: number): void {
    const { powerW = NaN, counterJ = NaN, clockMHz = NaN } = values;
    const known = this.series.get(gpu);
    if (known === undefined && this.series.size >= MOST_GPUS) return;
    const series = known ?? { timeS: [], powerW: [], counterJ: [], clockMHz: [], line: [] };
    this.series.set(gpu, series);
    series.timeS.push(timeS);
    series.powerW.push(this.checked(powerW, ANY_POWER, this.columns.power, line));
    series.counterJ.push(counterJ);
    series.clockMHz.push(this.checked(clockMHz, QUANTITIES.clockMHz, this.columns.clock, line));
    series.line.push(line);
  }

  private checked(value: number, of: Quantity, column: string | undefined, line: number): number {
    if (Number.isNaN(value)) return NaN;
    if (value === 0) {
      this.remarks.add(`zero ${column}`, line, `column "${column}" is 0, which means no value`);
      return NaN;
    }
    if (!isPlausible(of, value))
      this.misfits.add(line, column ?? '', value, expectation(of, value));
    return value;
  }

  /** The samples of each GPU, and notes on them. Reports what no GPU has. */
  finish(base: TimeBase): { readonly samples: GpuSamples[]; readonly notes: string[] } {
    if (this.series.size >= MOST_GPUS) {
      this.problems.add(
        `has samples of ${MOST_GPUS} GPUs or more; does a column look like an index?`,
      );
    }
    this.misfits.tell(() => '');
    const notes: string[] = [];
    const samples = [...this.series].map(([gpu, series]) => {
      const of = this.series.size === 1 ? '' : `GPU ${gpu}: `;
      const ordered = inOrder(series, (sentence) => notes.push(of + sentence));
      const counterJ = ascending(ordered, (sentence) => notes.push(of + sentence));
      if (this.isCounter(ordered)) this.checkCounter(ordered, counterJ);
      return {
        gpu,
        timeBase: base,
        timeS: Float64Array.from(ordered.timeS),
        ...given(ordered, counterJ),
      };
    });
    return { samples, notes: [...this.remarks.notes(), ...notes] };
  }

  /** Whether energies rise as a counter's do; reports them if they do not. */
  private isCounter({ counterJ, line }: Series): boolean {
    const known = Array.from(counterJ.keys()).filter((k) => !Number.isNaN(counterJ[k]!));
    const falls = known.filter((k, at) => at > 0 && counterJ[k]! < counterJ[known[at - 1]!]!);
    if (falls.length <= MOST_FALLS * known.length || falls.length < FEWEST_FALLS) return true;
    this.problems.add(
      `falls on ${falls.length} of ${known.length} lines, expected a counter that rises; energies between samples are not read`,
      { line: line[falls[0]!]!, field: `column "${this.columns.counter ?? ''}"` },
    );
    return false;
  }

  /** Compares the mean power that a counter implies with what GPUs draw. */
  private checkCounter({ timeS, line }: Series, counterJ: readonly number[]): void {
    const first = counterJ.findIndex((value) => !Number.isNaN(value));
    const last = counterJ.findLastIndex((value) => !Number.isNaN(value));
    const overS = timeS[last]! - timeS[first]!;
    const rose = counterJ[last]! - counterJ[first]!;
    if (first < 0 || !(overS >= 1) || rose === 0) return;
    const powerW = rose / overS;
    if (isPlausible(ANY_POWER, powerW)) return;
    const unit = ENERGIES.find(({ factor }) => isPlausible(ANY_POWER, powerW * factor));
    const advice = unit === undefined ? '' : `; that looks like ${unit.name} read as J`;
    this.problems.add(
      `the energy rises by ${Number(powerW.toPrecision(3))} J a second, expected 1 to 3000 (GPUs draw this much)${advice}`,
      { line: line[first]!, field: `column "${this.columns.counter ?? ''}"` },
    );
  }
}

/** The columns that have values. */
function given(
  { powerW, clockMHz }: Series,
  counterJ: readonly number[],
): Pick<GpuSamples, 'powerW' | 'counterJ' | 'clockMHz'> {
  const some = (values: readonly number[]) => values.some((value) => !Number.isNaN(value));
  return {
    ...(some(powerW) ? { powerW: Float64Array.from(powerW) } : {}),
    ...(some(counterJ) ? { counterJ: Float64Array.from(counterJ) } : {}),
    ...(some(clockMHz) ? { clockMHz: Float64Array.from(clockMHz) } : {}),
  };
}

/** Sorts by time; of several samples of one time the last is kept. O(n log n). */
function inOrder(series: Series, note: (sentence: string) => void): Series {
  const { timeS, line } = series;
  const early = timeS.findIndex((time, k) => k > 0 && time < timeS[k - 1]!);
  const order = Array.from(timeS.keys());
  if (early >= 0) {
    order.sort((a, b) => timeS[a]! - timeS[b]! || a - b);
    note(`times go back, first on line ${line[early]!}; the samples are sorted`);
  }
  const kept = order.filter((k, at) => timeS[order[at + 1] ?? -1] !== timeS[k]);
  const repeated = order.length - kept.length;
  if (repeated > 0) {
    note(`${counted(repeated, 'sample')} with the time of a later one left out`);
  }
  const pick = (values: readonly number[]) => kept.map((k) => values[k]!);
  const ordered = {
    timeS: pick(timeS),
    powerW: pick(series.powerW),
    counterJ: pick(series.counterJ),
    clockMHz: pick(series.clockMHz),
    line: pick(line),
  };
  noteGaps(ordered, note);
  return ordered;
}

function noteGaps({ timeS, line }: Series, note: (sentence: string) => void): void {
  const intervals = timeS.slice(1).map((time, k) => time - timeS[k]!);
  if (intervals.length < 3) return;
  const usual = [...intervals].sort((a, b) => a - b)[intervals.length >> 1]!;
  const gaps = intervals.filter((interval) => interval > GAP * usual);
  if (gaps.length === 0) return;
  const longest = gaps.reduce((a, b) => Math.max(a, b));
  const at = intervals.indexOf(longest);
  note(
    `samples are ${short(usual)} s apart, with ${counted(gaps.length, 'gap')}; the longest, ${short(longest)} s, ends on line ${line[at + 1]!}`,
  );
}

/** The counter, continued where it starts anew: at the rate of the interval before. */
function ascending({ timeS, counterJ, line }: Series, note: (sentence: string) => void): number[] {
  let before = { timeS: NaN, counterJ: NaN };
  let rateW = 0;
  let added = 0;
  let resets = 0;
  let first = 0;
  const values = counterJ.map((value, k) => {
    if (Number.isNaN(value)) return NaN;
    const overS = timeS[k]! - before.timeS;
    if (value < before.counterJ) {
      if (resets++ === 0) first = line[k]!;
      added += before.counterJ - value + rateW * overS;
    } else if (overS > 0) rateW = (value - before.counterJ) / overS;
    before = { timeS: timeS[k]!, counterJ: value };
    return value + added;
  });
  if (resets > 0) {
    note(
      `the energy counter falls ${resets === 1 ? 'once' : `${resets} times`}, first on line ${first} (it starts anew when the driver is loaded); it is continued at the power before`,
    );
  }
  return values;
}

function short(value: number): number {
  return Number(value.toPrecision(3));
}
