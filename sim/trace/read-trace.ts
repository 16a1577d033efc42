import { parquetMetadataAsync, parquetReadObjects, type FileMetaData } from 'hyparquet';
import { InputError } from '../../src/errors.js';
import { ProblemList, quoted } from '../../src/problem-list.js';
import type { Trace } from './trace.js';

/** Columns that a trace must have; others are not read. */
export const TRACE_COLUMNS = [
  'dp_rank',
  'stage',
  'rank',
  'step',
  'optype',
  'start_ts',
  'duration',
  'seq_id',
] as const;

type Row = Readonly<Record<(typeof TRACE_COLUMNS)[number], unknown>>;

/**
 * Reads a production trace (Parquet; columns as in ByteDance-Seed/StragglerAnalysis, times in
 * seconds).
 *
 * @param source name of the file, for messages.
 * @throws InputError when it is no such file, with every problem.
 */
export async function readTrace(file: ArrayBuffer, source: string): Promise<Trace> {
  const metadata = await metadataOf(file, source);
  checkColumns(metadata, source);
  const columns = [...TRACE_COLUMNS];
  const rows = await decoded(source, () => parquetReadObjects({ file, metadata, columns }));
  return traceOfRows(rows as unknown as Row[], source);
}

async function metadataOf(file: ArrayBuffer, source: string): Promise<FileMetaData> {
  return decoded(source, () => parquetMetadataAsync(file));
}

async function decoded<T>(source: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw InputError.of({
      source,
      message: `is not readable as Parquet: ${(error as Error).message}`,
    });
  }
}

function checkColumns(metadata: FileMetaData, source: string): void {
  const names = metadata.schema.slice(1).map(({ name }) => name);
  const missing = TRACE_COLUMNS.filter((column) => !names.includes(column));
  if (missing.length === 0) return;
  throw InputError.of({
    source,
    message: `lacks the column${missing.length === 1 ? '' : 's'} ${missing.join(', ')}; there are ${names.join(', ')}`,
  });
}

/**
 * The trace of rows as they stand in a file; whole numbers may be bigints.
 * @throws InputError when a value is none, naming row, column and what was found.
 */
export function traceOfRows(rows: readonly Row[], source: string): Trace {
  if (rows.length === 0) throw InputError.of({ source, message: 'holds no operations' });
  const problems = new ProblemList(source);
  const numbers = (column: keyof Row, isRight: (value: number) => boolean, expected: string) =>
    Float64Array.from(rows, (row, i) => {
      const found = row[column];
      const value = typeof found === 'bigint' || typeof found === 'number' ? Number(found) : NaN;
      if (isRight(value)) return value;
      const shown = typeof found === 'string' ? quoted(found) : String(found);
      problems.add(`found ${shown}, expected ${expected}`, { field: `row ${i}, ${column}` });
      return 0;
    });
  const indices = (column: keyof Row) =>
    Int32Array.from(numbers(column, (x) => Number.isInteger(x) && x >= 0, 'a whole number ≥ 0'));
  const kinds = [...new Set(rows.map((row) => String(row.optype)))].sort();
  const numberOf = new Map(kinds.map((kind, k) => [kind, k]));
  const trace: Trace = {
    source,
    operationCount: rows.length,
    step: numbers('step', Number.isInteger, 'a whole number'),
    pipeline: indices('dp_rank'),
    stage: indices('stage'),
    rank: indices('rank'),
    kind: Int32Array.from(rows, (row) => numberOf.get(String(row.optype))!),
    kinds,
    startS: numbers('start_ts', Number.isFinite, 'a time in seconds'),
    durationS: numbers('duration', (x) => x >= 0 && x < Infinity, 'seconds, 0 or more'),
    sequence: Int32Array.from(numbers('seq_id', Number.isInteger, 'a whole number')),
  };
  problems.throwIfAny();
  return trace;
}
