// The entry for browsers brings its own Buffer and works in Node too; the plain one needs Node's.
import { parse } from 'csv-parse/browser/esm/sync';
import { ProblemList, quoted } from '../problem-list.js';

/** What the cells of a column must be. */
export type CellType = 'text' | 'number' | 'positive' | 'whole';

/** Columns by name. */
export type TableSpec = Readonly<Record<string, CellType>>;

/** A row of such a table. */
export type TableRow<S extends TableSpec> = {
  readonly [K in keyof S]: S[K] extends 'text' ? string : number;
};

/**
 * Reads the named columns of a CSV with a header; other columns are ignored.
 *
 * @param optional columns that may be missing: then their cells are '' or NaN.
 * @throws InputError with every problem of the table.
 */
export function readTable<S extends TableSpec>(
  text: string,
  source: string,
  spec: S,
  optional: readonly (keyof S & string)[] = [],
): TableRow<S>[] {
  const problems = new ProblemList(source);
  const [header, ...records] = parseCells(text, problems);
  if (header === undefined) {
    problems.add(`the file is empty; expected the columns ${Object.keys(spec).join(', ')}`);
  }
  const columns = Object.entries(spec).map(([name, type]) => {
    const at = header?.indexOf(name) ?? -1;
    if (header !== undefined && at < 0 && !optional.includes(name)) {
      problems.add(`is missing; found ${header.map(quoted).join(', ')}`, {
        line: 1,
        field: `column "${name}"`,
      });
    }
    return { name, type, at };
  });
  problems.throwIfAny();
  const rows = records.map((cells, k) =>
    Object.fromEntries(
      columns.map(({ name, type, at }) => [
        name,
        at < 0
          ? emptyCell(type)
          : readCell(cells[at] ?? '', type, (message) => {
              problems.add(message, { line: k + 2, field: `column "${name}"` });
            }),
      ]),
    ),
  );
  problems.throwIfAny();
  return rows as TableRow<S>[];
}

function parseCells(text: string, problems: ProblemList): string[][] {
  try {
    return parse(text, { bom: true, relax_column_count: true, trim: true });
  } catch (error) {
    problems.add(`not readable as CSV: ${(error as Error).message}`);
    problems.throwIfAny();
    throw error;
  }
}

function emptyCell(type: CellType): string | number {
  return type === 'text' ? '' : NaN;
}

function readCell(
  cell: string,
  type: CellType,
  complain: (message: string) => void,
): string | number {
  if (type === 'text') return cell;
  const value = cell === '' ? NaN : Number(cell);
  const fits = {
    number: Number.isFinite(value),
    positive: value > 0 && value < Infinity,
    whole: Number.isSafeInteger(value) && value >= 0,
  }[type];
  const expected = {
    number: 'a number',
    positive: 'a number above 0',
    whole: 'a whole number from 0',
  }[type];
  if (!fits) complain(`found ${quoted(cell)}, expected ${expected}`);
  return value;
}
