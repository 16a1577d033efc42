import { InputError } from '../../../src/errors.js';
import { ProblemList, quoted } from '../../../src/problem-list.js';
import type { MeasuredFile, TimeBase } from '../measured.js';
import type { MeasurementReader } from '../measurement-reader.js';
import { isMissing } from './cells.js';
import { momentOf, oneBase } from './moments.js';
import { SampleSeries } from './sample-series.js';
import { Tally } from './tally.js';

/** Columns that are read, as `nvidia-smi dmon` and `dcgmi dmon` name them. */
const NAMES: Readonly<Record<string, 'date' | 'time' | 'gpu' | 'power' | 'clock' | 'energy'>> = {
  ...{ date: 'date', time: 'time', gpu: 'gpu', entity: 'gpu' },
  ...{ pwr: 'power', power: 'power', pclk: 'clock', smclk: 'clock', totec: 'energy' },
};

/** Text of `nvidia-smi dmon` and `dcgmi dmon`, with or without times. */
export const DEVICE_MONITOR: MeasurementReader = {
  name: 'text of nvidia-smi dmon (-o DT) or dcgmi dmon (-e 155,156,100)',
  words: [
    '#',
    'gpu',
    'pwr',
    'pclk',
    'mclk',
    'gtemp',
    '#entity',
    'entity',
    'power',
    'totec',
    'smclk',
  ],
  recognises: (text) => headerOf(text.split(/\r\n|\n|\r/, 50)) !== undefined,
  read: readDeviceMonitor,
};

function headerOf(lines: readonly string[]): readonly string[] | undefined {
  return lines.map(headerWords).find((words) => words !== undefined);
}

/** The names in a header line: `# gpu pwr gtemp`, `#Entity POWER TOTEC`. */
function headerWords(line: string): readonly string[] | undefined {
  const at = line.indexOf('#');
  if (at < 0) return undefined;
  const words = line
    .slice(at + 1)
    .trim()
    .toLowerCase()
    .split(/[\s,]+/);
  const named = words.map((word) => (Object.hasOwn(NAMES, word) ? NAMES[word] : undefined));
  const hasValue = named.includes('power') || named.includes('energy') || named.includes('clock');
  return named.includes('gpu') && hasValue ? words : undefined;
}

/** Longer lines are not of these programs. */
const LONGEST_LINE = 2000;

/** The interval of both programs, unless they are told another one. */
const DEFAULT_INTERVAL_S = 1;

const DAY_S = 86400;

function readDeviceMonitor(text: string, source: string): MeasuredFile {
  const problems = new ProblemList(source);
  const lines = text.split(/\r\n|\n|\r/);
  const words = headerOf(lines);
  if (words === undefined) {
    throw InputError.of({ source, message: 'has no header such as "# gpu pwr pclk"' });
  }
  const reading = new MonitorRows(words, problems);
  for (const [k, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const again = headerWords(line);
    if (again !== undefined && again.join() !== words.join()) {
      problems.add('another header; keep logs with different columns in files of their own', {
        line: k + 1,
      });
      break;
    }
    // The line of units has the form of a header too, or begins with ID.
    if (again !== undefined || line.includes('#') || /^\s*(\S+\s+)?ID\s/i.test(line)) continue;
    // With --format csv, commas stand between the columns.
    reading.add(line.replaceAll(',', ' '), k + 1, k === lines.length - 1);
  }
  const file = reading.finish(source);
  problems.throwIfAny();
  return file;
}

class MonitorRows {
  private readonly series: SampleSeries;
  private readonly wrong = new Tally();
  private readonly left = new Tally();
  private readonly bases = new Set<TimeBase>();
  private readonly round = new Map<string, number>();
  private days = 0;
  private before = -Infinity;
  private count = 0;

  constructor(
    private readonly words: readonly string[],
    private readonly problems: ProblemList,
  ) {
    this.series = new SampleSeries(problems, { power: 'power', counter: 'TOTEC', clock: 'clock' });
  }

  private at(key: string): number {
    return this.words.findIndex((word) => NAMES[word] === key);
  }

  add(line: string, number: number, isLast: boolean): void {
    if (line.length > LONGEST_LINE) {
      this.wrong.add('long', number, `a line of ${line.length} characters`);
      return;
    }
    const parts = /^\s*(.*?)\s*\b(?:(GPU(?:-[A-Z]+)?)\s+)(\d+)\s+(.*)$/.exec(line);
    const isDcgm = this.words.includes('entity');
    if (isDcgm && parts === null) {
      if (!isLast) this.left.add('line', number, `left out: ${quoted(line.trim())}`);
      return;
    }
    if (isDcgm && parts![2] !== 'GPU') {
      this.left.add(parts![2]!, number, `rows of ${parts![2]!} (parts of a GPU) are left out`);
      return;
    }
    const cells = isDcgm
      ? [parts![3]!, ...parts![4]!.trim().split(/\s+/)]
      : line.trim().split(/\s+/);
    const words = isDcgm ? this.words.slice(this.at('gpu')) : this.words;
    if (cells.length !== words.length) {
      const message = `found ${cells.length} columns, expected ${words.length}`;
      if (isLast)
        this.left.add('cut', number, `${message}: the last line is cut off, and left out`);
      else this.wrong.add('width', number, message);
      return;
    }
    const value = (key: string) => this.value(cells, words, key, number);
    const gpu = cells[words.findIndex((word) => NAMES[word] === 'gpu')]!;
    const timeS = this.timeOf(isDcgm ? parts![1]! : this.written(cells), gpu, number);
    if (timeS === undefined) return;
    this.count++;
    const milli = value('energy');
    const values = { powerW: value('power'), clockMHz: value('clock'), counterJ: milli / 1000 };
    this.series.add(gpu, timeS, values, number);
  }

  private value(
    cells: readonly string[],
    words: readonly string[],
    key: string,
    line: number,
  ): number {
    const cell = cells[words.findIndex((word) => NAMES[word] === key)];
    if (cell === undefined || isMissing(cell)) return NaN;
    const value = Number(cell);
    // Numbers near the largest mean that there is none.
    if (value >= 140737488355328 || (key === 'clock' && value >= 2147483632)) return NaN;
    if (Number.isNaN(value))
      this.wrong.add(key, line, `found ${quoted(cell)}, expected a number`, key);
    return value;
  }

  private written(cells: readonly string[]): string {
    const [date, time] = [this.at('date'), this.at('time')].map((at) => cells[at] ?? '');
    return `${date!} ${time!}`.trim();
  }

  /** The time of a row: written, or the number of rows of its GPU before it. */
  private timeOf(written: string, gpu: string, line: number): number | undefined {
    if (written === '') {
      const round = this.round.get(gpu) ?? 0;
      this.round.set(gpu, round + 1);
      this.bases.add('unknown');
      return round * DEFAULT_INTERVAL_S;
    }
    const clock = /^(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?$/.exec(written);
    const moment = clock === null ? momentOf(written) : undefined;
    if (moment !== undefined) {
      this.bases.add(moment.base);
      return moment.timeS;
    }
    if (clock === null) {
      this.wrong.add('time', line, `found ${quoted(written)}, expected a date and time`);
      return undefined;
    }
    const ofDayS = Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3]);
    if (ofDayS + this.days * DAY_S < this.before - DAY_S / 2) this.days++;
    this.before = ofDayS + this.days * DAY_S;
    this.bases.add('unknown');
    return this.before;
  }

  finish(source: string): MeasuredFile {
    this.wrong.tell(this.problems);
    if (this.count === 0 && this.problems.count === 0) this.problems.add('has no samples');
    const base = oneBase(this.bases, this.problems);
    const { samples, notes } = this.series.finish(base);
    const untimed = this.round.size > 0;
    const timing = untimed
      ? [
          'has no times: rows are taken to be 1 s apart, which both programs do by default; nothing can be aligned with it (run nvidia-smi dmon -o DT, or pipe dcgmi dmon through ts %.s)',
        ]
      : base === 'local'
        ? ['times are local, without a zone; logs of other programs may be hours off']
        : base === 'unknown'
          ? ['times have no date; they fit no other file']
          : [];
    return {
      source,
      timeBase: base,
      spans: [],
      samples,
      notes: [...timing, ...this.left.notes(), ...notes],
    };
  }
}
