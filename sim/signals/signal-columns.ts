import { ProblemList, quoted, quotedList } from '../../src/problem-list.js';
import { suggestion } from '../../src/vocabulary.js';
import type { CsvRecord } from '../../src/profile/csv-records.js';
import type { SignalFile } from '../scenario/signals-schema.js';
import { dateOrderOf, momentOf } from './moments.js';
import { SIGNAL_KINDS, type SignalName, type SignalUnit } from './signal-kinds.js';

/** The places of times and values in a table. */
export interface SignalColumns {
  readonly timeAt: number;
  readonly valueAt: number;
  readonly unit: SignalUnit;
  /** Whether a name says the unit, and not only what is usual. */
  readonly isUnitSaid: boolean;
  /** The zone that the heading of the times names. */
  readonly zone: string | undefined;
  /** Choices that may be wrong. */
  readonly notes: readonly string[];
}

/** The section's words on one file. */
export type SignalWish = Exclude<SignalFile, string>;

/** Rows by which columns are told apart. */
const LOOKED_AT = 20;

/**
 * Finds the columns of times and values.
 * @throws InputError if they are not there, or cannot be told from others.
 */
export function signalColumns(
  name: SignalName,
  wish: SignalWish,
  header: CsvRecord,
  records: readonly CsvRecord[],
  source: string,
): SignalColumns {
  const problems = new ProblemList(source);
  const timeAt = timeColumn(header, records);
  if (timeAt === undefined) {
    problems.add(
      `found ${quotedList(header.cells)}, but no column of times; write dates such as 2026-03-01T00:00Z, or seconds from 0 in the first column`,
      { line: header.line },
    );
    problems.throwIfAny();
  }
  const notes: string[] = [];
  const valueAt = valueColumn(name, wish, { header, records }, timeAt!, problems, notes);
  problems.throwIfAny();
  const timeHeader = header.cells[timeAt!]!;
  const { unit, isSaid } = unitOf(name, wish, header, valueAt!, problems);
  problems.throwIfAny();
  return {
    ...{ timeAt: timeAt!, valueAt: valueAt!, isUnitSaid: isSaid, notes },
    unit: unit!,
    zone: /\bCE?S?T\b|\bCET/.test(timeHeader)
      ? 'Europe/Brussels'
      : /\b(UTC|GMT)\b/i.test(timeHeader)
        ? 'UTC'
        : undefined,
  };
}

/** The start of an interval of time that is written as `start - end`. */
export function startAndEnd(cell: string): readonly [start: string, end: string | undefined] {
  const found = /^(.*?)\s+[-–]\s+(.*)$/.exec(cell);
  return found === null ? [cell, undefined] : [found[1]!, found[2]!];
}

/** The first column of dates, else the first column if it counts seconds. */
function timeColumn(header: CsvRecord, records: readonly CsvRecord[]): number | undefined {
  const rows = records.slice(0, LOOKED_AT);
  const share = (at: number, isIt: (cell: string) => boolean) =>
    rows.filter(({ cells }) => isIt(cells[at] ?? '')).length / Math.max(rows.length, 1);
  const isDate = (cell: string) => {
    const base =
      momentOf(startAndEnd(cell)[0])?.base ?? momentOf(startAndEnd(cell)[0], 'month first')?.base;
    return base !== undefined && base !== 'start';
  };
  const dated = header.cells.findIndex((_, at) => share(at, isDate) >= 0.5);
  if (dated >= 0) return dated;
  return share(0, (cell) => momentOf(cell)?.base === 'start') >= 0.5 ? 0 : undefined;
}

/** A number, with a decimal point or comma. */
const NUMBER = /^[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?$/i;

/** Columns of numbers besides the times. */
function numericColumns(
  { cells }: CsvRecord,
  records: readonly CsvRecord[],
  timeAt: number,
): readonly number[] {
  const rows = records.slice(0, LOOKED_AT);
  return cells.flatMap((_, at) => {
    const found = rows.map((row) => row.cells[at] ?? '');
    const isNumeric = found.some((cell) => NUMBER.test(cell));
    const isAll = found.every((cell) => NUMBER.test(cell) || isMissing(cell));
    return at !== timeAt && isNumeric && isAll ? [at] : [];
  });
}

/** The column of values: the one that is named, or the first whose name fits. */
function valueColumn(
  name: SignalName,
  { column }: SignalWish,
  table: { readonly header: CsvRecord; readonly records: readonly CsvRecord[] },
  timeAt: number,
  problems: ProblemList,
  notes: string[],
): number | undefined {
  const { header, records } = table;
  const { cells, line } = header;
  if (column !== undefined) {
    const found = cells.findIndex((cell) => cell.toLowerCase() === column.trim().toLowerCase());
    if (found >= 0) return found;
    const hint = suggestion({ names: cells }, column);
    const there = cells.map(quoted).join(', ');
    problems.add(`has no column ${quoted(column)}; there are ${there}${hint}`, { line });
    return undefined;
  }
  const numeric = numericColumns(header, records, timeAt);
  const named = (columns: readonly number[]) => columns.map((at) => cells[at]!);
  const { names } = SIGNAL_KINDS[name];
  const pattern = names.find((one) => numeric.some((at) => one.test(cells[at]!)));
  const fitting =
    pattern === undefined ? numeric : numeric.filter((at) => pattern.test(cells[at]!));
  const [first, ...others] = fitting;
  if (first === undefined || others.length > 0) {
    const message =
      first === undefined
        ? 'has no column of numbers besides the times'
        : several(name, named(fitting));
    problems.add(message, { line });
    return undefined;
  }
  const left = numeric.filter((at) => at !== first && names.some((one) => one.test(cells[at]!)));
  if (left.length > 0) {
    const instead = named(left).map(quoted).join(', ');
    notes.push(`column ${quoted(cells[first]!)} is read, not ${instead}`);
  }
  return first;
}

function several(name: SignalName, columns: readonly string[]): string {
  return `has several columns that may be the ${name}: ${columns.map(quoted).join(', ')}; name one as signals.${name}: {csv: FILE, column: NAME}`;
}

/** Tells whether a cell says that there is no value. */
export function isMissing(cell: string): boolean {
  return /^(n\/?[ae]|nan|none|null|-+|–|)$/i.test(cell.trim());
}

function unitOf(
  name: SignalName,
  wish: SignalWish,
  header: CsvRecord,
  valueAt: number,
  problems: ProblemList,
): { readonly unit: SignalUnit | undefined; readonly isSaid: boolean } {
  const kind = SIGNAL_KINDS[name];
  const heading = header.cells[valueAt]!;
  if (wish.unit !== undefined) {
    const unit = kind.unitIn(wish.unit);
    if (unit === undefined) {
      problems.add(
        `found the unit ${quoted(wish.unit)} for its ${name}, expected one such as ${kind.units}`,
      );
    }
    return { unit, isSaid: true };
  }
  const said = kind.unitIn(heading);
  if (said !== undefined) return { unit: said, isSaid: true };
  // The answers of WattTime name their value and nothing else.
  const isWattTime = name === 'carbon' && header.cells.includes('point_time');
  if (isWattTime) return { unit: kind.unitIn('lbs/MWh'), isSaid: true };
  if (kind.isUnitKnown) return { unit: { factor: 1 }, isSaid: false };
  problems.add(
    `column ${quoted(heading)} does not say its unit; name it so (${kind.units}), or write signals.${name}: {csv: FILE, unit: MW}`,
    { line: header.line },
  );
  return { unit: undefined, isSaid: false };
}

/** The order of dates with slashes; the grids of Europe write the day first. */
export function dateOrder(header: string, texts: readonly string[]) {
  return dateOrderOf(texts) ?? (/^MTU/i.test(header) ? ('day first' as const) : undefined);
}
