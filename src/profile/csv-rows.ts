// The entry for browsers brings its own Buffer and works in Node too; the plain one needs Node's.
import { parse } from 'csv-parse/browser/esm/sync';
import { nearestName } from '../nearest-name.js';
import { ProblemList, quoted } from '../problem-list.js';
import { PROFILED_KINDS, type ExecutionOption, type ProfiledKind } from './stage-profile.js';

/** The columns of a stage profile. */
const PROFILE_COLUMNS = ['stage', 'instruction', 'frequency', 'time', 'energy'] as const;

type Column = (typeof PROFILE_COLUMNS)[number];

/** Columns that tell the GPUs of one stage apart. */
const RANK_COLUMNS = ['rank', 'dp_rank', 'tp_rank', 'pp_rank', 'global_rank', 'local_rank'];

/** No instruction takes this long: the times are in another unit. */
const LONGEST_PLAUSIBLE_TIME_S = 1000;

/** A number as people and pandas write it: no hexadecimals, no empty text. */
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** One row of a profile, with its line for messages. */
export interface ProfileRow {
  readonly line: number;
  readonly stage: number;
  readonly kind: ProfiledKind;
  /** Which GPU of the stage; rows of different GPUs are averaged. */
  readonly rank: string;
  readonly option: ExecutionOption;
}

/**
 * The rows of a profile, checked one by one. O(size of the text).
 *
 * @param problems is told of every row that is wrong; such a row is left out.
 * @throws InputError when the text is no CSV, is empty, or lacks a column.
 */
export function readProfileRows(text: string, source: string, problems: ProblemList): ProfileRow[] {
  const [header, ...records] = parseRecords(text, source);
  if (header === undefined) {
    problems.add(
      `the file is empty; expected a header "${PROFILE_COLUMNS.join(',')}" and a row for every stage, instruction and clock`,
    );
    problems.throwIfAny();
    return [];
  }
  const layout = locateColumns(header.cells, source);
  if (records.length === 0) problems.add('there is a header but no row below it', { line: 1 });
  return records
    .map((record) => readRow(record, layout, problems))
    .filter((row) => row !== undefined);
}

interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

function parseRecords(text: string, source: string): CsvRecord[] {
  try {
    const parsed = parse(text, {
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as { info: { lines: number }; record: string[] }[];
    return parsed.map(({ info, record }) => ({ line: info.lines, cells: record }));
  } catch (error) {
    const { message, lines } = error as { message: string; lines?: number };
    const problems = new ProblemList(source);
    problems.add(`not readable as CSV: ${message}`, lines === undefined ? {} : { line: lines });
    problems.throwIfAny();
    throw error;
  }
}

/** Where the columns stand. */
interface Layout {
  readonly width: number;
  readonly at: Readonly<Record<Column, number>>;
  readonly ranks: readonly number[];
}

/** Nothing can be read without all of the columns, so their lack is final. */
function locateColumns(header: readonly string[], source: string): Layout {
  const problems = new ProblemList(source);
  const separator = wrongSeparator(header);
  if (separator !== undefined) {
    problems.add(`the fields are separated by ${separator}; separate them by commas`, { line: 1 });
    problems.throwIfAny();
  }
  const names = header.map((name) => name.toLowerCase());
  const place = (column: Column): number => {
    const at = names.indexOf(column);
    const where = { line: 1, field: `column "${column}"` };
    if (at < 0) problems.add(missingColumn(column, header), where);
    else if (names.includes(column, at + 1)) problems.add('stands there twice; keep one', where);
    return at;
  };
  const at = Object.fromEntries(PROFILE_COLUMNS.map((column) => [column, place(column)]));
  problems.throwIfAny();
  return {
    width: header.length,
    at: at as Record<Column, number>,
    ranks: names.flatMap((name, k) => (RANK_COLUMNS.includes(name) ? [k] : [])),
  };
}

/** Spreadsheets of some countries write semicolons. */
function wrongSeparator(header: readonly string[]): string | undefined {
  if (header.length !== 1) return undefined;
  if (header[0]!.includes(';')) return 'semicolons';
  if (header[0]!.includes('\t')) return 'tabs';
  return undefined;
}

/**
 * Names that look like a column and are something else: a point in time is not a duration, a power
 * not an energy, the number of a microbatch or of a step not a stage.
 */
const NOT_TO_RENAME: Readonly<Record<Column, RegExp>> = {
  stage: /time|date|count|num|total/i,
  instruction: /count|num|total|id$/i,
  frequency: /mem|time|count|num/i,
  time: /start|begin|end|stamp|date|now|clock|epoch|time_?(at|of|zone)|count|num|times$/i,
  energy: /power|watt|start|begin|end|price|cost|carbon|count/i,
};

function missingColumn(column: Column, header: readonly string[]): string {
  const others = header.filter((name) => !(PROFILE_COLUMNS as readonly string[]).includes(name));
  const near = nearestName(
    column,
    others.filter((name) => !NOT_TO_RENAME[column].test(name)),
  );
  const advice =
    near === undefined
      ? `found ${header.map(quoted).join(', ')}; expected ${PROFILE_COLUMNS.join(', ')}`
      : `found ${quoted(near)}; rename it to "${column}" (units: frequency MHz, time s, energy J)`;
  return `is missing: ${advice}`;
}

/** A row, or undefined (and problems) when anything in it is wrong. */
function readRow(
  { line, cells }: CsvRecord,
  { width, at, ranks }: Layout,
  problems: ProblemList,
): ProfileRow | undefined {
  if (cells.length !== width) {
    problems.add(`has ${cells.length} fields where the header has ${width}`, { line });
    return undefined;
  }
  const before = problems.count;
  const read = <T>(column: Column, parseCell: (cell: string, complain: Complain) => T): T =>
    parseCell(cells[at[column]]!, (message) => {
      problems.add(message, { line, field: `column "${column}"` });
    });
  const stage = read('stage', wholeNumber);
  const kind = read('instruction', instructionKind);
  const frequencyMHz = read('frequency', positiveNumber('MHz'));
  const timeS = read('time', instructionTime);
  const energyJ = read('energy', positiveNumber('J'));
  if (problems.count > before || kind === undefined) return undefined;
  const rank = ranks.map((k) => cells[k]!).join('/');
  return { line, stage, kind, rank, option: { frequencyMHz, timeS, energyJ } };
}

/** Says what is wrong with one cell. */
type Complain = (message: string) => void;

function toNumber(cell: string): number {
  return DECIMAL.test(cell) ? Number(cell) : NaN;
}

function wholeNumber(cell: string, complain: Complain): number {
  const value = toNumber(cell);
  if (!(Number.isSafeInteger(value) && value >= 0)) {
    complain(`found ${quoted(cell)}, expected a whole number from 0`);
  }
  return value;
}

function instructionKind(cell: string, complain: Complain): ProfiledKind | undefined {
  const kind = PROFILED_KINDS.find((name) => name === cell);
  if (kind === undefined) {
    const near = nearestName(cell, PROFILED_KINDS);
    const hint = near === undefined ? '' : `; did you mean "${near}"?`;
    complain(`found ${quoted(cell)}, expected ${PROFILED_KINDS.join(' or ')}${hint}`);
  }
  return kind;
}

function positiveNumber(unit: string) {
  return (cell: string, complain: Complain): number => {
    const value = toNumber(cell);
    if (!(value > 0 && value < Infinity)) {
      complain(`found ${quoted(cell)}, expected a number above 0 (${unit})`);
    }
    return value;
  };
}

function instructionTime(cell: string, complain: Complain): number {
  const timeS = positiveNumber('s')(cell, complain);
  if (timeS > LONGEST_PLAUSIBLE_TIME_S && timeS < Infinity) {
    complain(
      `found ${timeS} s for one instruction, expected at most ${LONGEST_PLAUSIBLE_TIME_S} s; is the column in ms or µs?`,
    );
  }
  return timeS;
}
