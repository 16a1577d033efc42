import { csvRecords, type CsvRecord } from '../../../src/profile/csv-records.js';
import { findColumns } from '../../../src/profile/columns.js';
import type { ProblemList } from '../../../src/problem-list.js';
import { quoted } from '../../../src/problem-list.js';
import { headerName, type UnitKind } from '../../../src/unit-names.js';
import type { TimeBase } from '../measured.js';
import { isMissing, quantityOf } from './cells.js';
import { momentOf } from './moments.js';
import { Tally } from './tally.js';

/** A column by the names that it may have. */
export interface TableColumn {
  readonly names: readonly string[];
  readonly unit?: UnitKind;
  readonly required?: true;
}

/** A column that a table has. */
interface FoundColumn {
  readonly at: number;
  readonly header: string;
  readonly factor: number;
}

/**
 * A table whose columns are found by any of their names, with or without a unit in the header or in the
 * cells. Missing values are counted; cells that are wrong are problems.
 */
export class Table<K extends string> {
  readonly rows: readonly CsvRecord[];
  /** What was left out, and why. */
  readonly left = new Tally();
  private readonly wrong = new Tally();
  private readonly columns: Readonly<Partial<Record<K, FoundColumn>>>;
  private readonly width: number;

  /** @throws InputError if the text is no table, or columns are missing. */
  constructor(
    text: string,
    private readonly specs: Readonly<Record<K, TableColumn>>,
    readonly problems: ProblemList,
  ) {
    const { header, records } = csvRecords(text, problems);
    const cells = header?.cells ?? [];
    const columns: Partial<Record<K, FoundColumn>> = {};
    for (const key of Object.keys(specs) as K[]) {
      const found = foundColumn(cells, specs[key]);
      if (found !== undefined) columns[key] = found;
      else if (specs[key].required === true) {
        problems.add(`is missing; found ${cells.map(quoted).join(', ') || 'no columns'}`, {
          ...(header === undefined ? {} : { line: header.line }),
          field: `column "${specs[key].names[0]!}"`,
        });
      }
    }
    problems.throwIfAny();
    this.columns = columns;
    this.width = cells.length;
    this.rows = this.complete(records, cells);
    if (this.rows.length === 0) problems.add('has a header, but no rows');
  }

  /** Rows with all columns; a last line that is cut off and repeated headers are left out. */
  private complete(records: readonly CsvRecord[], header: readonly string[]): CsvRecord[] {
    return records.filter(({ line, cells }, k) => {
      if (cells.length === this.width && cells.every((cell, at) => cell === header[at])) {
        this.left.add('header', line, 'the header again');
        return false;
      }
      if (cells.length === this.width) return true;
      const message = `found ${cells.length} columns, expected ${this.width}`;
      if (k < records.length - 1) this.wrong.add('width', line, message);
      else this.left.add('cut', line, `${message}: the last line is cut off, and left out`);
      return false;
    });
  }

  header(key: K): string | undefined {
    return this.columns[key]?.header;
  }

  /** The text of a cell; '' if the table has no such column. */
  text({ cells }: CsvRecord, key: K): string {
    const column = this.columns[key];
    return column === undefined ? '' : cells[column.at]!;
  }

  /** The number of a cell in the proper unit; NaN if there is none. */
  number(row: CsvRecord, key: K): number {
    const column = this.columns[key];
    if (column === undefined) return NaN;
    const cell = row.cells[column.at]!;
    if (isMissing(cell)) {
      const message = `column "${column.header}" is ${quoted(cell)}: no value`;
      this.left.add(`${key} ${cell}`, row.line, message);
      return NaN;
    }
    const { unit } = this.specs[key];
    const value = unit === undefined ? Number(cell) : quantityOf(cell, unit, column.factor);
    if (!Number.isFinite(value)) {
      this.complain(row, key, unit === undefined ? 'a number' : `a number in ${unit}`);
      return NaN;
    }
    return value;
  }

  /**
   * The moment in a cell, in s; undefined, with a problem, if it is none. Numbers that do not count
   * from 1970 have the unit of the header (`start_ms`).
   */
  moment(row: CsvRecord, key: K): { readonly timeS: number; readonly base: TimeBase } | undefined {
    const moment = momentOf(this.text(row, key));
    if (moment === undefined) {
      this.complain(row, key, 'seconds since 1970, or a date and time');
      return undefined;
    }
    const factor = moment.base === 'unknown' ? this.columns[key]!.factor : 1;
    return { ...moment, timeS: moment.timeS * factor };
  }

  /** A whole number of a cell; undefined if there is none. */
  whole(row: CsvRecord, key: K, least: number, most: number): number | undefined {
    const value = this.number(row, key);
    if (Number.isNaN(value)) return undefined;
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    this.complain(row, key, `a whole number from ${least} to ${most}`);
    return undefined;
  }

  /** Reports a cell that is not what it should be. */
  complain(row: CsvRecord, key: K, expected: string): void {
    const { header } = this.columns[key]!;
    const message = `found ${quoted(this.text(row, key))}, expected ${expected}`;
    this.wrong.add(`${key} ${expected}`, row.line, message, `column "${header}"`);
  }

  /** Reports all wrong cells. */
  finish(): void {
    this.wrong.tell(this.problems);
  }
}

function foundColumn(
  header: readonly string[],
  { names, unit }: TableColumn,
): FoundColumn | undefined {
  for (const name of names) {
    const found = findColumns(
      header,
      unit === undefined ? { name } : { name, unit, alias: [name] },
    )[0];
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Wider tables and longer names are of no format. */
const MOST_COLUMNS = 1000;
const LONGEST_NAME = 100;

/** The header of a table as lower-case names, for recognising it. */
export function headerNames(beginning: string): string[] {
  const line = /^(?![ \t]*#)[^\r\n]*\S[^\r\n]*/m.exec(beginning.replace(/^\ufeff/, ''))?.[0] ?? '';
  return line
    .split(/[,;\t|]/, MOST_COLUMNS)
    .map((name) => name.slice(0, LONGEST_NAME).trim().replaceAll('"', '').toLowerCase());
}

/** Whether a header names a column, with or without a unit. */
export function hasColumn(header: readonly string[], { names, unit }: TableColumn): boolean {
  return header.some(
    (name) => names.includes(name) || (unit !== undefined && names.includes(headerName(name).base)),
  );
}
