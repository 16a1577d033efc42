import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { traceRows, type TraceRow } from '../../support/traces.js';
import { edgeNumber, unitFactor } from '../hostile.js';
import { mutatedFile, textMutation } from '../mutate-text.js';
import { csvRows, firstOf, notFinite } from '../oracle.js';
import { commandLine, type FuzzTarget } from '../target.js';

const rows = traceRows({ pipelines: 2, stages: 2, microbatches: 3, steps: 2, seed: 1 });
const COLUMNS = Object.keys(rows[0]!) as (keyof TraceRow)[];

type Change =
  | { readonly kind: 'cell'; readonly at: number; readonly column: number; readonly value: number }
  | {
      readonly kind: 'factor' | 'column factor';
      readonly at: number;
      readonly column: number;
      readonly by: number;
    }
  | {
      readonly kind: 'drop' | 'repeat' | 'rename' | 'drop column';
      readonly at: number;
      readonly column: number;
    };

const place = fc.nat(1000);
const column = fc.nat(20);
const anyChange: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant('cell'), at: place, column, value: edgeNumber }),
  fc.record({
    kind: fc.constantFrom('factor', 'column factor'),
    at: place,
    column,
    by: unitFactor,
  }),
  fc.record({
    kind: fc.constantFrom('drop', 'repeat', 'rename', 'drop column'),
    at: place,
    column,
  }),
);

function changed(table: readonly Partial<TraceRow>[], change: Change): Partial<TraceRow>[] {
  const at = change.at % table.length;
  const names = COLUMNS.filter((name) => name in table[0]!);
  const name = names[change.column % names.length]!;
  const inColumn = (row: Partial<TraceRow>, value: (before: number) => number) =>
    name === 'optype' ? row : { ...row, [name]: value(Number(row[name])) };
  switch (change.kind) {
    case 'cell':
      return table.map((row, k) => (k === at ? inColumn(row, () => change.value) : row));
    case 'factor':
      return table.map((row, k) => (k === at ? inColumn(row, (value) => value * change.by) : row));
    case 'column factor':
      return table.map((row) => inColumn(row, (value) => value * change.by));
    case 'drop':
      return table.toSpliced(at, 1);
    case 'repeat':
      return [...table, table[at]!];
    case 'rename':
      return table.map((row, k) => (k === at ? { ...row, optype: 'forward-compute' } : row));
    case 'drop column':
      return table.map((row) =>
        Object.fromEntries(Object.entries(row).filter(([key]) => key !== name)),
      );
  }
}

/** Columns of whole numbers are written as such, others as doubles. */
function fileOf(table: readonly Partial<TraceRow>[]): Uint8Array {
  const names = Object.keys(table[0]!) as (keyof TraceRow)[];
  const columnData = names.map((name) => {
    const data = table.map((row) => row[name]!);
    if (name === 'optype') return { name, data };
    const isWhole = data.every(
      (value) => Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31,
    );
    return { name, data, type: isWhole ? ('INT32' as const) : ('DOUBLE' as const) };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

/** A trace that is right: two steps, 0 and 1, of a small job. */
export const RIGHT_TRACE = fileOf(rows);

/** A trace with changed cells, or a file with changed bytes. */
export const anyTrace = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .array(anyChange, { minLength: 1, maxLength: 3 })
      .map((changes) => fileOf(changes.reduce(changed, rows))),
  },
  {
    weight: 2,
    arbitrary: fc
      .array(textMutation, { minLength: 1, maxLength: 2 })
      .map((changes) => mutatedFile(RIGHT_TRACE, changes)),
  },
);

/** Production traces. */
export const traces: FuzzTarget = {
  name: 'traces',
  share: 4,
  inputs: () =>
    fc
      .tuple(
        fc.constantFrom(
          ['replay', 't.parquet', '--format', 'csv'],
          ['replay', 't.parquet', '--format', 'json'],
          ['replay', 't.parquet', '--catalog', 'bloom-176b-a40', '--format', 'json'],
        ),
        anyTrace,
      )
      .map(([args, file]) => commandLine(args, { 't.parquet': file })),
  oracle: ({ args }, { code, out }) => {
    if (code !== 0) return undefined;
    if (args.includes('json'))
      return notFinite(JSON.parse(out), new Set(['energy', 'recoveredPct']))[0];
    return firstOf(
      csvRows(out).map(
        (row) => /\bNaN\b|Infinity|undefined|null/.exec(Object.values(row).join(' '))?.[0],
      ),
    );
  },
};
