import { csvRecords, type CsvRecord } from '../../../src/profile/csv-records.js';
import { ProblemList, quoted } from '../../../src/problem-list.js';
import { namedUnit, type UnitKind } from '../../../src/unit-names.js';
import type { MeasuredFile, TimeBase } from '../measured.js';
import type { MeasurementReader } from '../measurement-reader.js';
import { isMissing, quantityOf } from './cells.js';
import { interleavedGpus } from './interleaved.js';
import { baseNotes, momentOf, oneBase } from './moments.js';
import { SampleSeries } from './sample-series.js';
import { headlessHeader, isHeadless } from './smi-headless.js';
import { Tally } from './tally.js';

/** Logs of `nvidia-smi --query-gpu=… --format=csv`, with or without header and units. */
export const NVIDIA_SMI: MeasurementReader = {
  name: 'a CSV of nvidia-smi --query-gpu (timestamp, index, power.draw, clocks.sm)',
  words: [
    'timestamp',
    'power.draw',
    'clocks.sm',
    'clocks.current.sm',
    'power.draw.instant',
    'w,',
    'mhz',
  ],
  recognises: (text) => {
    const [first = ''] = text
      .replace(/^\ufeff/, '')
      .trimStart()
      .split(/\r\n|\n|\r/, 1);
    return isHeader(first) || isHeadless(first);
  },
  read: readNvidiaSmi,
};

/** Names of columns that only nvidia-smi has. */
const OWN_NAME = /^(power|clocks|utilization|temperature|memory|energy)\.[a-z]/;

function isHeader(line: string): boolean {
  const cells = line.split(/[,;\t]/).map((cell) => cell.trim().toLowerCase());
  return cells.length > 1 && cells.some((cell) => OWN_NAME.test(cell));
}

/** A column that is read. */
interface SmiColumn {
  readonly at: number;
  readonly header: string;
  readonly factor: number;
}

/** Columns by what they hold, the best of each first: names as nvidia-smi prints them. */
const NAMES = {
  time: ['timestamp'],
  gpu: ['index', 'uuid', 'gpu_uuid', 'gpu_serial', 'serial', 'pci.bus_id', 'gpu_bus_id'],
  power: ['power.draw.instant', 'power.draw', 'power.draw.average'],
  clock: ['clocks.current.sm', 'clocks.sm', 'clocks.current.graphics', 'clocks.gr'],
  counter: ['total_energy_consumption', 'energy.consumption.total'],
} as const;

type Columns = Readonly<Record<keyof typeof NAMES, SmiColumn | undefined>>;

const UNITS = { power: 'W', clock: 'MHz', counter: 'J' } as const;

function unitKind(key: keyof typeof NAMES): UnitKind | undefined {
  return key === 'time' || key === 'gpu' ? undefined : UNITS[key];
}

function readNvidiaSmi(text: string, source: string): MeasuredFile {
  const problems = new ProblemList(source);
  const notes: string[] = [];
  const records = recordsOf(text, problems, notes);
  const [header, ...rows] = records;
  const columns = columnsOf(header!, problems);
  problems.throwIfAny();
  const reading = new SmiRows(header!, columns, problems);
  for (const [k, row] of rows.entries()) reading.add(row, k === rows.length - 1);
  const file = reading.finish(source);
  problems.throwIfAny();
  return { ...file, notes: [...notes, ...choiceNotes(columns), ...file.notes] };
}

/** The header, given or guessed, and the rows. */
function recordsOf(text: string, problems: ProblemList, notes: string[]): CsvRecord[] {
  const { header, records } = csvRecords(text, problems);
  if (header === undefined) {
    problems.add('the file is empty; expected samples of nvidia-smi');
    problems.throwIfAny();
  }
  if (isHeader(header!.cells.join(','))) return [header!, ...records];
  const guessed = headlessHeader(header!.cells.join(','));
  if (guessed === undefined) {
    problems.add(
      'has no header, and its columns cannot be told apart; run nvidia-smi with --format=csv, without noheader',
      { line: header!.line },
    );
    problems.throwIfAny();
  }
  notes.push(`has no header; its columns are taken for ${guessed!.join(', ')}`);
  return [{ line: header!.line, cells: guessed! }, header!, ...records];
}

function columnsOf({ cells, line }: CsvRecord, problems: ProblemList): Columns {
  const parsed = cells.map((cell, at) => {
    const [, name = cell, unit] = /^([^[]*?)\s*(?:\[(.*)\])?$/s.exec(cell.trim()) ?? [];
    return { at, header: cell, name: name.toLowerCase(), unit };
  });
  const find = (key: keyof typeof NAMES): SmiColumn | undefined => {
    for (const name of NAMES[key]) {
      const found = parsed.find((column) => column.name === name);
      if (found === undefined) continue;
      const kind = unitKind(key);
      if (kind === undefined || found.unit === undefined) return { ...found, factor: 1 };
      const unit = namedUnit(kind, found.unit);
      if (unit !== undefined) return { ...found, factor: unit.factor };
      problems.add(`found the unit ${quoted(found.unit)}, expected ${kind}`, {
        line,
        field: `column "${found.header}"`,
      });
    }
    return undefined;
  };
  const columns = {
    ...{ time: find('time'), gpu: find('gpu'), power: find('power') },
    ...{ clock: find('clock'), counter: find('counter') },
  };
  if (columns.time === undefined) {
    problems.add('is missing; add timestamp to --query-gpu', { line, field: 'column "timestamp"' });
  }
  if (columns.power === undefined && columns.clock === undefined && columns.counter === undefined) {
    problems.add(
      `found ${cells.map(quoted).join(', ')}, but neither power nor clock; add power.draw and clocks.sm to --query-gpu`,
      { line },
    );
  }
  return columns;
}

function choiceNotes({ power, clock }: Columns): string[] {
  const averaged = power !== undefined && !power.header.startsWith('power.draw.instant');
  return [
    ...(averaged
      ? [
          `"${power.header}" is a mean over the last second on GPUs since Ampere (except A100): instructions shorter than that are not resolved; power.draw.instant or the energy counter is better`,
        ]
      : []),
    ...(clock !== undefined && /graphics|\.gr\b/.test(clock.header)
      ? [`"${clock.header}" is taken for the clock of the multiprocessors`]
      : []),
  ];
}

/** Lines that the tool prints instead of a sample. */
const MESSAGE = /unable to|failed|error|unknown|driver|terminated/i;

type Measured = 'power' | 'clock' | 'counter';

/** Reads the rows of a log, and collects what is odd and what is wrong about them. */
class SmiRows {
  private readonly left = new Tally();
  private readonly wrong = new Tally();
  private readonly series: SampleSeries;
  private readonly bases = new Set<TimeBase>();
  private readonly timeS: number[] = [];

  constructor(
    private readonly header: CsvRecord,
    private readonly columns: Columns,
    private readonly problems: ProblemList,
  ) {
    const { power, clock, counter } = columns;
    const names = { power: power?.header, clock: clock?.header, counter: counter?.header };
    this.series = new SampleSeries(problems, names);
  }

  add({ line, cells }: CsvRecord, isLast: boolean): void {
    const { time, gpu } = this.columns;
    if (cells[time!.at] === this.header.cells[time!.at]) {
      this.again(line, cells);
      return;
    }
    if (cells.length !== this.header.cells.length) {
      this.broken(line, cells, isLast);
      return;
    }
    const written = cells[time!.at]!;
    const moment = momentOf(written);
    if (moment === undefined) {
      const message = `found ${quoted(written)}, expected a time such as 2026/11/27 01:02:03.456`;
      this.wrong.add('time', line, message, `column "${time!.header}"`);
      return;
    }
    this.bases.add(moment.base);
    this.timeS.push(moment.timeS);
    const values = {
      powerW: this.value(cells, 'power', line),
      clockMHz: this.value(cells, 'clock', line),
      counterJ: this.value(cells, 'counter', line),
    };
    this.series.add(gpu === undefined ? '0' : cells[gpu.at]!, moment.timeS, values, line);
  }

  /** A log that was continued has its header again. */
  private again(line: number, cells: readonly string[]): void {
    if (cells.join() === this.header.cells.join()) {
      this.left.add('header', line, 'the header again');
      return;
    }
    const message = 'another header; keep logs with different columns in files of their own';
    this.wrong.add('header', line, message);
  }

  private broken(line: number, cells: readonly string[], isLast: boolean): void {
    const sentence = `found ${cells.length} columns, expected ${this.header.cells.length}`;
    if (isLast) this.left.add('cut', line, `${sentence}: the last line is cut off, and left out`);
    else if (MESSAGE.test(cells.join())) {
      this.left.add('message', line, `left out: ${quoted(cells.join(', '))}`);
    } else this.wrong.add('width', line, sentence);
  }

  private value(cells: readonly string[], key: Measured, line: number): number {
    const column = this.columns[key];
    if (column === undefined) return NaN;
    const cell = cells[column.at]!;
    if (isMissing(cell)) {
      const message = `column "${column.header}" is ${quoted(cell)}: no value`;
      this.left.add(`${key} ${cell}`, line, message);
      return NaN;
    }
    const value = quantityOf(cell, UNITS[key], column.factor);
    if (Number.isNaN(value)) {
      const message = `found ${quoted(cell)}, expected a number in ${UNITS[key]}`;
      this.wrong.add(key, line, message, `column "${column.header}"`);
    }
    return value;
  }

  finish(source: string): MeasuredFile {
    const { wrong, problems, timeS, header } = this;
    wrong.tell(problems);
    const gpus = this.columns.gpu === undefined ? interleavedGpus(timeS) : 1;
    if (gpus > 1) {
      problems.add(
        `its times look like samples of ${gpus} GPUs in turn, but no column says which; add index to --query-gpu`,
        { line: header.line },
      );
    }
    const base = oneBase(this.bases, problems);
    if (timeS.length === 0 && problems.count === 0) problems.add('has no samples');
    const { samples, notes } = this.series.finish(base);
    return {
      source,
      timeBase: base,
      spans: [],
      samples,
      notes: [...baseNotes(base), ...this.left.notes(), ...notes],
    };
  }
}
