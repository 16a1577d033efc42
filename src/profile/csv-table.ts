import { implausible } from '../plausible.js';
import type { QuantityName } from '../quantities.js';
import { ProblemList, quoted, quotedList } from '../problem-list.js';
import { headerName, type UnitKind } from '../unit-names.js';
import { findColumns, type PlacedColumn } from './columns.js';
import { csvRecords, decimalMark, type CsvRecord } from './csv-records.js';
import { MisfitRows } from './misfit-rows.js';

/** The type of a column's cells. */
export type CellType = 'text' | 'number' | 'positive' | 'whole';

/** Bounds of a column's numbers. */
export interface CellBounds {
  readonly least: number;
  readonly most: number;
  /** Whether a cell may be empty: it is then NaN. */
  readonly orNothing?: boolean;
}

/** The cells of a column: a type, numbers within bounds, or one of several words. */
export type CellRule = CellType | CellBounds | readonly string[];

/** Columns by name. */
export type TableSpec = Readonly<Record<string, CellRule>>;

/** A row of such a table. */
export type TableRow<S extends TableSpec> = {
  readonly [K in keyof S]: S[K] extends 'text'
    ? string
    : S[K] extends readonly (infer T)[]
      ? T
      : number;
};

/** Columns of measurements, and their kinds of quantity. */
const QUANTITY_COLUMNS: readonly (readonly [RegExp, QuantityName])[] = [
  [/^frequency_mhz$/, 'clockMHz'],
  [/^(iter_)?time_s$|^iter_time_median_s$/, 'iterationTimeS'],
  [/^(iter_)?energy_j$|^iter_energy_median_j$/, 'iterationEnergyJ'],
  [/^time_(mean|median)_s$/, 'instructionTimeS'],
  [/^load_(mean|median)_s_per_microbatch$/, 'overheadS'],
];

/** The largest whole numbers that a job can have. */
const MOST: Readonly<Record<string, number>> = { stage: 1023, index: 1e6, count: 1e6, plan: 1e6 };

/** One column, located. */
interface TableColumn {
  readonly name: string;
  readonly type: CellRule;
  readonly placed: PlacedColumn | undefined;
  readonly quantity: QuantityName | undefined;
}

/**
 * Reads the named columns of a table with a header; other columns are ignored. A column with a
 * different unit in its header (`time_ms` for `time_s`) is converted.
 *
 * @param optional columns that may be missing; their cells are then '' or NaN.
 * @throws InputError with every problem of the table.
 */
export function readTable<S extends TableSpec>(
  text: string,
  source: string,
  spec: S,
  optional: readonly (keyof S & string)[] = [],
): TableRow<S>[] {
  const problems = new ProblemList(source);
  const { header, records, separator } = csvRecords(text, problems);
  if (header === undefined) {
    problems.add(`the file is empty; expected the columns ${Object.keys(spec).join(', ')}`);
  }
  const columns = Object.entries(spec).map(([name, type]) => {
    const column = tableColumn(name, type, header?.cells ?? []);
    if (header !== undefined && column.placed === undefined && !optional.includes(name)) {
      problems.add(`is missing; found ${quotedList(header.cells)}`, {
        line: header.line,
        field: `column "${name}"`,
      });
    }
    return column;
  });
  problems.throwIfAny();
  const hasCommas = separator !== ',' && hasDecimalCommas(records, columns, problems);
  const reader = new CellReader(problems, hasCommas);
  const rows = records.map((record) =>
    Object.fromEntries(columns.map((column) => [column.name, reader.read(record, column)])),
  );
  reader.finish();
  problems.throwIfAny();
  return rows as TableRow<S>[];
}

const KINDS: Readonly<Record<string, UnitKind>> = { s: 's', j: 'J', mhz: 'MHz' };

function tableColumn(name: string, type: CellRule, header: readonly string[]): TableColumn {
  const quantity = QUANTITY_COLUMNS.find(([pattern]) => pattern.test(name))?.[1];
  const { base, unit } = headerName(name);
  const kind = unit === undefined ? undefined : KINDS[unit];
  const exact = findColumns(header, { name })[0];
  const other = kind === undefined ? undefined : findColumns(header, { name: base, unit: kind })[0];
  return { name, type, placed: exact ?? other, quantity };
}

function hasDecimalCommas(
  records: readonly CsvRecord[],
  columns: readonly TableColumn[],
  problems: ProblemList,
): boolean {
  const numbers = columns.filter(
    ({ type }) => type === 'number' || type === 'positive' || isBounds(type),
  );
  const mark = decimalMark(
    numbers.flatMap(({ placed }) =>
      placed === undefined ? [] : records.map(({ cells }) => cells[placed.at] ?? ''),
    ),
  );
  if (mark === 'both' || mark === 'ambiguous') {
    problems.add('numbers have commas that may be decimal or not; write them with a decimal point');
    problems.throwIfAny();
  }
  return mark === ',';
}

/** Reads cells, and reports impossible ones once for each column and unit. */
class CellReader {
  private readonly misfits: MisfitRows;

  constructor(
    private readonly problems: ProblemList,
    private readonly hasCommas: boolean,
  ) {
    this.misfits = new MisfitRows(problems);
  }

  read({ line, cells }: CsvRecord, column: TableColumn): string | number {
    const { name, type, placed, quantity } = column;
    if (placed === undefined) return type === 'text' ? '' : NaN;
    const cell = cells[placed.at] ?? '';
    if (type === 'text') return cell;
    if (isWords(type)) {
      if (!type.includes(cell)) this.complain(line, placed.header, cell, type.join(', '));
      return cell;
    }
    if (cell === '' && isBounds(type) && type.orNothing === true) return NaN;
    const plain = this.hasCommas ? cell.replace(',', '.') : cell;
    const value = cell === '' ? NaN : Number(plain) * placed.factor;
    const expected = expectedOf(type, value, MOST[name]);
    if (expected !== undefined) {
      this.complain(line, placed.header, cell, expected);
      return value;
    }
    const impossible = quantity === undefined ? undefined : implausible(quantity, value);
    if (impossible !== undefined) this.misfits.add(line, placed.header, value, impossible);
    return value;
  }

  finish(): void {
    this.misfits.tell(() => '');
  }

  private complain(line: number, header: string, cell: string, expected: string): void {
    const message = `found ${quoted(cell)}, expected ${expected}`;
    this.problems.add(message, { line, field: `column "${header}"` });
  }
}

function isWords(rule: CellRule): rule is readonly string[] {
  return Array.isArray(rule);
}

function isBounds(rule: CellRule): rule is CellBounds {
  return typeof rule === 'object' && !isWords(rule);
}

/** The expectation for a cell; undefined if the cell is valid. */
function expectedOf(
  type: Exclude<CellType, 'text'> | CellBounds,
  value: number,
  most = Number.MAX_SAFE_INTEGER,
): string | undefined {
  if (isBounds(type)) {
    const fits = value >= type.least && value <= type.most;
    return fits ? undefined : `a number from ${type.least} to ${type.most}`;
  }
  const fits = {
    number: Number.isFinite(value),
    positive: value > 0 && value < Infinity,
    whole: Number.isSafeInteger(value) && value >= 0 && value <= most,
  }[type];
  const upTo = most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`;
  return fits
    ? undefined
    : {
        number: 'a number',
        positive: 'a number above 0',
        whole: `a whole number from 0${upTo}`,
      }[type];
}
