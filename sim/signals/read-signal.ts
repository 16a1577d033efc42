import { csvRecords, decimalMark, type CsvRecord } from '../../src/profile/csv-records.js';
import { cut, ProblemList, quoted } from '../../src/problem-list.js';
import { momentOf, isDateWithSlashes, type DateOrder, type Moment } from './moments.js';
import {
  dateOrder,
  isMissing,
  signalColumns,
  startAndEnd,
  type SignalColumns,
  type SignalWish,
} from './signal-columns.js';
import { SIGNAL_KINDS, type SignalName } from './signal-kinds.js';
import { signalSteps, type SignalRow, type SignalSteps } from './signal-steps.js';
import { zoneClock, type ZoneClock } from './zone-clock.js';

/** A value over time: each holds until the next one. */
export interface Signal extends SignalSteps {
  readonly name: SignalName;
  /** Its file, for messages. */
  readonly source: string;
  /** Whether times are seconds since 1970, or since the beginning of the schedule. */
  readonly isDated: boolean;
  /** Of prices, if the file says it. */
  readonly currency: string | undefined;
  readonly notes: readonly string[];
}

/**
 * Reads a signal from a table whose first dates, or whose first column of seconds, are its times: as
 * Electricity Maps, WattTime, ENTSO-E and Vessim write them, and others like these. O(size · log).
 *
 * @param wall the clock of dates that do not say their zone.
 * @throws InputError with all that is wrong with the table.
 */
export function readSignal(
  name: SignalName,
  text: string,
  source: string,
  wish: SignalWish,
  wall: ZoneClock,
): Signal {
  const problems = new ProblemList(source);
  const { header, records, separator } = tableOf(text, problems);
  if (header === undefined || records.length === 0) {
    problems.add(
      header === undefined
        ? 'the file is empty; expected a column of times and one of values'
        : 'there is a header but no row below it',
    );
    problems.throwIfAny();
  }
  const columns = signalColumns(name, wish, header!, records, source);
  const kept = rowsWith(wish.only, records, problems);
  const timeHeader = header!.cells[columns.timeAt]!;
  const times = kept.map(({ cells }) => cells[columns.timeAt] ?? '');
  const reader = new RowReader(problems, columns, {
    header: header!,
    order: orderOf(timeHeader, times, kept, problems),
    wall: columns.zone === undefined ? wall : zoneClock(columns.zone)!,
    hasCommas: separator !== ',' && hasDecimalCommas(kept, columns.valueAt, problems),
    name,
  });
  const rows = inTimesOrder(kept, columns.timeAt).flatMap((record) => reader.read(record) ?? []);
  reader.finish(rows);
  problems.throwIfAny();
  const steps = signalSteps(rows, { problems, name, kept, isWall: reader.isWall, wall });
  problems.throwIfAny();
  return {
    ...steps,
    ...{ name, source, isDated: reader.isDated, currency: columns.unit.currency },
    notes: [
      ...columns.notes.map((note) => `${source}: ${note}`),
      ...(reader.isWall && columns.zone === undefined
        ? [`${source}: dates without a zone are read as ${wall.zone}; signals.zone says another`]
        : []),
    ],
  };
}

/** The table; some exports quote whole lines, quotes within them doubled. */
function tableOf(text: string, problems: ProblemList) {
  const table = csvRecords(text, problems);
  const isQuoted = table.header?.cells.length === 1 && /[,;]\s*"/.test(table.header.cells[0]!);
  if (!isQuoted) return table;
  const unwrapped = text.replaceAll(/^"(.*)"[ \t]*(?=\r?$)/gm, (_, line: string) =>
    line.replaceAll('""', '"'),
  );
  return csvRecords(unwrapped, problems);
}

/** Rows that have these texts among their cells. */
function rowsWith(
  only: readonly string[] | undefined,
  records: readonly CsvRecord[],
  problems: ProblemList,
): readonly CsvRecord[] {
  const kept = (only ?? []).reduce<readonly CsvRecord[]>((rows, wanted) => {
    const plain = wanted.trim().toLowerCase();
    const found = rows.filter(({ cells }) => cells.some((cell) => cell.toLowerCase() === plain));
    if (found.length === 0 && rows.length > 0) problems.add(`has no row with ${quoted(wanted)}`);
    return found;
  }, records);
  problems.throwIfAny();
  return kept;
}

function orderOf(
  header: string,
  times: readonly string[],
  records: readonly CsvRecord[],
  problems: ProblemList,
): DateOrder {
  const first = times.findIndex(isDateWithSlashes);
  const found = first < 0 ? 'day first' : dateOrder(header, times);
  if (found === undefined) {
    problems.add(
      `found ${quoted(times[first]!)}, whose day may come first or second; write it as 2026-03-01 00:00`,
      { line: records[first]!.line },
    );
    problems.throwIfAny();
  }
  return found ?? 'day first';
}

function hasDecimalCommas(
  records: readonly CsvRecord[],
  valueAt: number,
  problems: ProblemList,
): boolean {
  const mark = decimalMark(records.map(({ cells }) => cells[valueAt] ?? ''));
  if (mark === 'both' || mark === 'ambiguous') {
    problems.add('numbers have commas that may be decimal or not; write them with a decimal point');
    problems.throwIfAny();
  }
  return mark === ',';
}

/** Rows with the earliest first, if the last is written first: hours that a clock shows twice need that. */
function inTimesOrder(records: readonly CsvRecord[], timeAt: number): readonly CsvRecord[] {
  const momentAt = (record: CsvRecord | undefined) =>
    momentOf(startAndEnd(record?.cells[timeAt] ?? '')[0])?.timeS ?? NaN;
  return momentAt(records[0]) > momentAt(records.at(-1)) ? records.toReversed() : records;
}

/** The style in which the rows of a file are written. */
interface RowStyle {
  readonly name: SignalName;
  readonly header: CsvRecord;
  readonly order: DateOrder;
  readonly wall: ZoneClock;
  readonly hasCommas: boolean;
}

/** Most problems of one kind that are told. */
const MOST_TOLD = 5;

/** Reads the rows of a signal, earliest first. */
class RowReader {
  isWall = false;
  private readonly bases = new Set<'dated' | 'counted'>();
  private lastS = -Infinity;
  private untold = 0;
  private largest = 0;

  constructor(
    private readonly problems: ProblemList,
    private readonly columns: SignalColumns,
    private readonly style: RowStyle,
  ) {}

  get isDated(): boolean {
    return this.bases.has('dated');
  }

  /** A row; undefined if it has none, or one that cannot be read, which is a problem. */
  read(record: CsvRecord): SignalRow | undefined {
    const { line, cells } = record;
    const { timeAt, valueAt, unit } = this.columns;
    if (cells.length > this.style.header.cells.length) {
      const width = this.style.header.cells.length;
      this.complain(line, `has ${cells.length} fields where the header has ${width}`);
      return undefined;
    }
    const value = this.valueOf(cells[valueAt] ?? '', line);
    if (value === undefined) return undefined;
    const [start, end] = startAndEnd(cells[timeAt] ?? '');
    const startS = this.instantOf(start, line, value);
    if (startS === undefined) return undefined;
    this.lastS = startS;
    const endS = end === undefined ? undefined : this.endOf(end, startS);
    return { line, startS, endS, value: value * unit.factor };
  }

  /** Tells what is wrong with all rows together. */
  finish(rows: readonly SignalRow[]): void {
    if (this.untold > 0) this.problems.add(`… and ${this.untold} more lines with problems`);
    if (this.bases.size > 1) {
      this.problems.add('some times are dates, others count seconds; write all in one way');
    }
    const isPricePerKWh = this.style.name === 'price' && !this.columns.isUnitSaid;
    if (isPricePerKWh && rows.length > 0 && this.largest > 0 && this.largest < LEAST_PER_MWH) {
      this.problems.add(
        `has no price above ${this.largest}, which looks like a price per kWh; name its unit in its heading, or write signals.price: {csv: FILE, unit: EUR/kWh}`,
        { line: this.style.header.line, field: this.valueField() },
      );
    }
  }

  private valueField(): string {
    return `column "${this.style.header.cells[this.columns.valueAt]!}"`;
  }

  /** The number of a cell; NaN if there is none, undefined if it cannot be true. */
  private valueOf(cell: string, line: number): number | undefined {
    if (isMissing(cell)) return NaN;
    const value = Number(this.style.hasCommas ? cell.replace(',', '.') : cell);
    if (!Number.isFinite(value)) {
      this.complain(line, `found ${quoted(cell)}, expected a number`, this.valueField());
      return undefined;
    }
    const { expectedOf, unit } = SIGNAL_KINDS[this.style.name];
    const expected = expectedOf(value * this.columns.unit.factor);
    if (expected !== undefined) {
      const read =
        this.columns.unit.factor === 1 ? '' : ` (${value * this.columns.unit.factor} ${unit})`;
      this.complain(line, `found ${cut(cell)}${read}, expected ${expected}`, this.valueField());
      return undefined;
    }
    this.largest = Math.max(this.largest, Math.abs(value));
    return value;
  }

  /** A time in seconds since 1970 or the start. */
  private instantOf(text: string, line: number, value: number): number | undefined {
    const moment = momentOf(text, this.style.order);
    if (moment === undefined) {
      const message = `found ${quoted(text)}, expected a date such as 2026-03-01T00:00Z, or seconds`;
      this.complain(line, message, `column "${this.style.header.cells[this.columns.timeAt]!}"`);
      return undefined;
    }
    this.bases.add(moment.base === 'start' ? 'counted' : 'dated');
    if (moment.base !== 'wall') return moment.timeS;
    this.isWall = true;
    const found = this.style.wall.momentsOf(moment.timeS);
    if (found.length > 0) return found.find((timeS) => timeS > this.lastS) ?? found[0];
    // Tables of local time have a row without a value for the hour that is left out in spring.
    if (Number.isNaN(value)) return undefined;
    const message = `found ${quoted(text)}, a time that no clock in ${this.style.wall.zone} shows: it is set forward over it; name the zone as signals.zone`;
    this.complain(line, message);
    return undefined;
  }

  private endOf(text: string, startS: number): number | undefined {
    const moment = momentOf(text, this.style.order);
    if (moment === undefined) return undefined;
    const found = endsOf(moment, this.style.wall);
    return found.find((timeS) => timeS > startS);
  }

  private complain(line: number, message: string, field?: string): void {
    if (this.problems.count >= MOST_TOLD) this.untold++;
    else this.problems.add(message, { line, ...(field === undefined ? {} : { field }) });
  }
}

function endsOf(moment: Moment, wall: ZoneClock): readonly number[] {
  return moment.base === 'wall' ? wall.momentsOf(moment.timeS) : [moment.timeS];
}

/** Prices of a megawatt-hour that never exceed this are prices of something else. */
const LEAST_PER_MWH = 2;
