import fc from 'fast-check';
import { hostileText, unitFactor, writtenNumber } from './hostile.js';

/** One change of a table; places are counted around. */
export type CsvMutation =
  | { readonly kind: 'cell'; readonly at: number; readonly column: number; readonly text: string }
  | { readonly kind: 'factor'; readonly at: number; readonly column: number; readonly by: number }
  | { readonly kind: 'column factor'; readonly column: number; readonly by: number }
  | {
      readonly kind: 'rename column' | 'add column';
      readonly column: number;
      readonly text: string;
    }
  | { readonly kind: 'drop column' | 'repeat column' | 'move column'; readonly column: number }
  | { readonly kind: 'drop row' | 'repeat row' | 'long row' | 'short row'; readonly at: number }
  | { readonly kind: 'many rows'; readonly at: number; readonly times: number };

const place = fc.nat(1000);
const column = fc.nat(12);

export const csvMutation: fc.Arbitrary<CsvMutation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('cell'), at: place, column, text: writtenNumber }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('cell'), at: place, column, text: hostileText }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('factor'), at: place, column, by: unitFactor }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('column factor'), column, by: unitFactor }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('rename column', 'add column'),
      column,
      text: fc.oneof(
        hostileText,
        fc.constantFrom('Time', ' time', 'time (ms)', 'duration', 'rank', 'watts', 'TIME', 'freq'),
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('drop column', 'repeat column', 'move column'),
      column,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('drop row', 'repeat row', 'long row', 'short row'),
      at: place,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('many rows'),
      at: place,
      times: fc.constantFrom(10, 3000),
    }),
  },
);

/** Applies changes to a table without quoted cells; quotes what needs it. */
export function mutatedCsv(csv: string, mutations: readonly CsvMutation[]): string {
  const rows = csv
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  const changed = mutations.reduce((table, each) => applied(table, each), rows);
  return `${changed.map((row) => row.map(cellText).join(',')).join('\n')}\n`;
}

/** RFC 4180 */
export function cellText(cell: string): string {
  return /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

type Table = string[][];

function applied(table: Table, mutation: CsvMutation): Table {
  const [header, ...rows] = table as [string[], ...Table];
  if (rows.length === 0 || header.length === 0) return table;
  const c = 'column' in mutation ? mutation.column % header.length : 0;
  const r = 'at' in mutation ? mutation.at % rows.length : 0;
  const eachRow = (change: (row: string[]) => string[]) => table.map(change);
  const ofRow = (change: (row: string[]) => string[]) => [
    header,
    ...rows.map((row, k) => (k === r ? change(row) : row)),
  ];
  switch (mutation.kind) {
    case 'cell':
      return ofRow((row) => row.with(Math.min(c, row.length - 1), mutation.text));
    case 'factor':
      return ofRow((row) => multiplied(row, c, mutation.by));
    case 'column factor':
      return [header, ...rows.map((row) => multiplied(row, c, mutation.by))];
    case 'rename column':
      return [header.with(c, mutation.text), ...rows];
    case 'add column':
      return eachRow((row) => [...row, row === header ? mutation.text : String(c)]);
    case 'drop column':
      return eachRow((row) => row.toSpliced(c, 1));
    case 'repeat column':
      return eachRow((row) => [...row, row[c] ?? '']);
    case 'move column':
      return eachRow((row) => [...row.slice(c), ...row.slice(0, c)]);
    case 'drop row':
      return [header, ...rows.toSpliced(r, 1)];
    case 'repeat row':
      return [...table, rows[r]!];
    case 'many rows':
      return [header, ...rows, ...Array<string[]>(mutation.times).fill(rows[r]!)];
    case 'long row':
      return ofRow((row) => [...row, '1']);
    case 'short row':
      return ofRow((row) => row.slice(0, -1));
  }
}

function multiplied(row: string[], column: number, by: number): string[] {
  const value = Number(row[column]);
  return Number.isFinite(value) && row[column] !== '' ? row.with(column, String(value * by)) : row;
}
