import { parquetMetadataAsync, parquetReadObjects, type FileMetaData } from 'hyparquet';
import { InputError } from '../../src/errors.js';
import { ProblemList, quoted } from '../../src/problem-list.js';
import type { Trace } from './trace.js';

/** Columns that a trace must have. */
const TRACE_COLUMNS = [
  'dp_rank',
  'stage',
  'rank',
  'step',
  'optype',
  'start_ts',
  'duration',
  'seq_id',
] as const;

/** Columns that give the part of the model that an operation is for: on its stage, in the model. */
const PART_COLUMNS = ['mc', 'gmc'] as const;

type Row = Readonly<
  Record<(typeof TRACE_COLUMNS)[number], unknown> &
    Partial<Record<(typeof PART_COLUMNS)[number], unknown>>
>;

/**
 * Ranks, stages and positions in a sequence are stored as 32-bit numbers, which suffices for any
 * job.
 */
const LARGEST = 2 ** 31 - 1;

/** Compressions that files may use. */
const CODECS = ['UNCOMPRESSED', 'SNAPPY'];

/**
 * Reads a production trace (Parquet; columns as in ByteDance-Seed/StragglerAnalysis, times in
 * seconds).
 *
 * @param source name of the file, for messages.
 * @throws InputError with every problem, if it is not such a file.
 */
export async function readTrace(file: ArrayBuffer, source: string): Promise<Trace> {
  const metadata = await metadataOf(file, source);
  const columns = checkColumns(metadata, source);
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
      message: `is not readable as Parquet: ${reasonOf(error)}`,
    });
  }
}

/**
 * The reader names the problems it recognises; if it fails on a damaged file, it does not know why.
 */
function reasonOf(error: unknown): string {
  if (
    !(error instanceof Error) ||
    error.constructor !== Error ||
    /\bundefined\b/.test(error.message)
  ) {
    return 'it is damaged; copy or write it anew';
  }
  return error.message;
}

/** The columns to read. Throws if some are missing, or compressed in an unreadable way. */
function checkColumns({ schema, row_groups }: FileMetaData, source: string): string[] {
  const names = schema.slice(1).map(({ name }) => name);
  const columns = [...TRACE_COLUMNS, ...PART_COLUMNS.filter((column) => names.includes(column))];
  const problems = new ProblemList(source);
  const missing = TRACE_COLUMNS.filter((column) => !names.includes(column));
  if (missing.length > 0) {
    problems.add(
      `lacks the column${missing.length === 1 ? '' : 's'} ${missing.join(', ')}; there are ${names.join(', ')}`,
    );
  }
  const codecs = row_groups.flatMap((group) => group.columns.map((c) => c.meta_data?.codec));
  for (const codec of new Set(codecs)) {
    if (codec === undefined || CODECS.includes(codec)) continue;
    problems.add(
      `is compressed with ${codec}, expected ${CODECS.join(' or ')}; write it anew with one of them`,
    );
  }
  problems.throwIfAny();
  return columns;
}

/**
 * The trace from rows as stored in a file; whole numbers may be bigints.
 * @throws InputError naming row, column and value, if a value is invalid.
 */
export function traceOfRows(rows: readonly Row[], source: string): Trace {
  if (rows.length === 0) throw InputError.of({ source, message: 'holds no operations' });
  const problems = new ProblemList(source);
  const numbers = (
    column: keyof Row,
    isRight: (value: number) => boolean,
    expected: string,
    ifMissing?: number,
  ) =>
    Float64Array.from(rows, (row, i) => {
      const found = row[column];
      if (ifMissing !== undefined && isMissing(found)) return ifMissing;
      const value = typeof found === 'bigint' || typeof found === 'number' ? Number(found) : NaN;
      if (isRight(value)) return value;
      const shown = typeof found === 'string' ? quoted(found) : String(found);
      problems.add(`found ${shown}, expected ${expected}`, { field: `row ${i}, ${column}` });
      return 0;
    });
  const whole = (column: keyof Row, least: number, ifMissing?: number) =>
    Int32Array.from(
      numbers(
        column,
        (x) => Number.isInteger(x) && x >= least && x <= LARGEST,
        `a whole number from ${least} to ${LARGEST}`,
        ifMissing,
      ),
    );
  const { kinds, kind } = kindsOf(rows, problems);
  const trace: Trace = {
    source,
    operationCount: rows.length,
    step: numbers('step', Number.isInteger, 'a whole number'),
    pipeline: whole('dp_rank', 0),
    stage: whole('stage', 0),
    rank: whole('rank', 0),
    kind,
    kinds,
    startS: numbers('start_ts', Number.isFinite, 'a time in seconds'),
    durationS: numbers('duration', (x) => x >= 0 && x < Infinity, 'seconds, 0 or more'),
    sequence: whole('seq_id', -LARGEST),
    chunk: whole('mc', -LARGEST, -1),
    modelStage: whole('gmc', -LARGEST, -1),
  };
  problems.throwIfAny();
  return trace;
}

/** The kinds of operation in alphabetical order, and the kind of each row. */
function kindsOf(rows: readonly Row[], problems: ProblemList) {
  rows.forEach(({ optype }, i) => {
    if (typeof optype === 'string') return;
    problems.add(`found ${String(optype)}, expected the name of a kind of operation`, {
      field: `row ${i}, optype`,
    });
  });
  const kinds = [...new Set(rows.map(({ optype }) => String(optype)))].sort();
  const numberOf = new Map(kinds.map((kind, k) => [kind, k]));
  return { kinds, kind: Int32Array.from(rows, ({ optype }) => numberOf.get(String(optype))!) };
}

/** Joined tables have holes: null, or NaN. */
function isMissing(value: unknown): boolean {
  return value === undefined || value === null || Number.isNaN(value);
}
