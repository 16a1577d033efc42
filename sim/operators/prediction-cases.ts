// The entry for browsers brings its own Buffer and works in Node too; the plain one needs Node's.
import { parse } from 'csv-parse/browser/esm/sync';
import { InputError, type Problem } from '../../src/errors.js';
import { ProblemList, quoted } from '../../src/problem-list.js';
import {
  checkChoices,
  chunksOfLayout,
  defaultNotes,
  OPTION_COLUMNS,
  readExchange,
  readPartition,
  readPredictions,
  readSharding,
  type OptionReading,
} from './case-options.js';
import { unlimitedPowerW } from './clock-power.js';
import { jobProblems } from './job-problems.js';
import { RECOMPUTATIONS, type Recomputation } from './model-parts.js';
import type { ModelShape } from './model-shape.js';
import { PRECISIONS, type Machine, type Precision } from './operator-time.js';
import type { PredictedJob } from './predict.js';

/**
 * Whole numbers of a case, with the default for an empty cell and the largest value that exists.
 */
const COUNTS = {
  layers: { most: 10_000 },
  tp: { most: 1024 },
  cp: { most: 1024 },
  ep: { most: 4096 },
  pp: { most: 4096 },
  dp: { most: 100_000 },
  sequence: { most: 10_000_000 },
  microbatch: { most: 1_000_000 },
  microbatches: { most: 1_000_000 },
  chunks: { most: 1000 },
  first_stage_layers: { most: 10_000 },
  last_stage_layers: { most: 10_000 },
} as const;

type CountColumn = keyof typeof COUNTS;

/** Measurements that a case may include, each with the prediction to compare it with. */
export const MEASURED_COLUMNS = {
  step_ms_measured: 'step_ms',
  memory_gib_measured: 'memory_gib',
  tflops_measured: 'tflops',
  power_w_measured: 'power_w',
} as const;

export type MeasuredColumn = keyof typeof MEASURED_COLUMNS;

const TEXTS = [
  'case',
  'family',
  'gpu',
  'model',
  'precision',
  'recompute',
  'sequence_parallel',
  ...OPTION_COLUMNS,
] as const;

/** Settings of the GPUs. */
const OF_BOARD = ['clock_mhz', 'power_limit_w'] as const;

/** All columns that are read. */
export const CASE_COLUMNS: readonly string[] = [
  ...TEXTS,
  ...Object.keys(COUNTS),
  ...OF_BOARD,
  ...Object.keys(MEASURED_COLUMNS),
];

/** A row of a file of cases. */
export interface PredictionCase {
  readonly name: string;
  /** Cases with errors that are summarised together; empty for all that name none. */
  readonly family: string;
  readonly job: PredictedJob;
  readonly measured: Readonly<Partial<Record<MeasuredColumn, number>>>;
  /** Doubts, and defaults that matter. */
  readonly notes: readonly string[];
}

/**
 * The source of models and GPUs; both methods report a name that they do not know and return
 * nothing.
 */
export interface CaseLibrary {
  machine(name: string, complain: (message: string) => void): Machine | undefined;
  shape(name: string, complain: (message: string) => void): ModelShape | undefined;
}

/** Names for rows with empty `gpu` and `model` columns. */
export interface CaseDefaults {
  readonly gpu?: string;
  readonly model?: string;
}

/** The cases of a file, and the columns that were ignored. */
export interface PredictionCases {
  readonly cases: readonly PredictionCase[];
  readonly unread: readonly string[];
}

/**
 * Reads cases from CSV, one job per row. Empty or missing cells get defaults: degrees of
 * parallelism, microbatch and chunks 1, all layers of the model, its sequence, four microbatches
 * for each stage, bf16, no recomputation.
 *
 * @throws InputError naming every wrong cell.
 */
export function readPredictionCases(
  text: string,
  source: string,
  library: CaseLibrary,
  defaults: CaseDefaults,
): PredictionCases {
  const problems = new ProblemList(source);
  const { columns, rows } = parseRows(text, source);
  for (const column of ['gpu', 'model'] as const) {
    if (columns.includes(column) || defaults[column] !== undefined) continue;
    problems.add(`has no column "${column}"; add it, or give --${column} for all rows`);
  }
  problems.throwIfAny();
  if (rows.length === 0) problems.add('has no row; expected a header and a row for each job');
  const cases = readCases(rows, { problems, library, defaults });
  return { cases, unread: columns.filter((column) => !CASE_COLUMNS.includes(column)) };
}

/** A job as text by column, and the position of each column's text, for messages. */
export interface CaseRow {
  readonly cells: Readonly<Record<string, string>>;
  readonly where: (column: string) => Pick<Problem, 'line' | 'field'>;
}

/** Everything needed to read cases. */
export interface CaseContext {
  /** Receives the problems of all of them. */
  readonly problems: ProblemList;
  readonly library: CaseLibrary;
  readonly defaults: CaseDefaults;
}

/**
 * Makes cases from rows; empty and missing cells get the defaults of `readPredictionCases`.
 * @throws InputError naming every wrong cell.
 */
export function readCases(rows: readonly CaseRow[], context: CaseContext): PredictionCase[] {
  const cases = rows.map((row, k) => readCase(row, k, context));
  context.problems.throwIfAny();
  return cases.filter((made) => made !== undefined);
}

function parseRows(text: string, source: string): { columns: string[]; rows: CaseRow[] } {
  let columns: string[] = [];
  try {
    const parsed = parse(text, {
      bom: true,
      info: true,
      trim: true,
      skip_empty_lines: true,
      columns: (header: string[]) => (columns = header.map((name) => name.toLowerCase())),
    }) as unknown as { info: { lines: number }; record: Record<string, string> }[];
    return {
      columns,
      rows: parsed.map(({ info, record }) => ({
        cells: record,
        where: (column) => ({ line: info.lines, field: `column "${column}"` }),
      })),
    };
  } catch (error) {
    throw InputError.of({ source, message: `not readable as CSV: ${(error as Error).message}` });
  }
}

function readCase(
  { cells, where }: CaseRow,
  k: number,
  context: CaseContext,
): PredictionCase | undefined {
  const { problems, library, defaults } = context;
  const complainOf = (column: string) => (message: string) => {
    problems.add(message, where(column));
  };
  const before = problems.count;
  const cell = (column: string) => cells[column] ?? '';
  const named = (column: 'gpu' | 'model') => {
    const name = cell(column) === '' ? (defaults[column] ?? '') : cell(column);
    if (name === '') complainOf(column)(`is empty; name one, or give --${column} for such rows`);
    return name;
  };
  const [gpu, model] = [named('gpu'), named('model')];
  const machine = gpu === '' ? undefined : library.machine(gpu, complainOf('gpu'));
  const whole = model === '' ? undefined : library.shape(model, complainOf('model'));
  const count = (column: CountColumn, byDefault: number) =>
    readCount(cell(column), byDefault, COUNTS[column].most, complainOf(column));
  const layers = count('layers', whole?.blocks.length ?? 1);
  const option: OptionReading = {
    cell,
    count: (column) => (cell(column) === '' ? undefined : count(column, 1)),
    choose: (column, choices) => readChoice(cell(column), choices, complainOf(column)),
    complain: (column, message) => {
      complainOf(column)(message);
    },
  };
  const job = readSizes(option, count, whole?.sequence ?? 1);
  const measured = readMeasured(cells, complainOf);
  if (whole === undefined || machine === undefined || problems.count > before) return undefined;
  if (layers > whole.blocks.length) {
    complainOf('layers')(`found ${layers}, but ${whole.name} has ${whole.blocks.length}`);
    return undefined;
  }
  const cut = { ...whole, blocks: whole.blocks.slice(0, layers) };
  const shape = readPredictions(option, cut, layers < whole.blocks.length);
  const set = readBoard(cells, machine, job.layout.pipeline, complainOf);
  const partition = readPartition(option, shape, job.layout.pipeline, job.chunks);
  const made: PredictedJob = { ...job, shape, ...set, ...(partition && { partition }) };
  for (const { column, message } of jobProblems(made)) complainOf(column)(message);
  const name = cell('case') === '' ? `row ${k + 1}` : cell('case');
  return problems.count > before
    ? undefined
    : { name, family: cell('family'), job: made, measured, notes: defaultNotes(made, option) };
}

/** The distribution of a job and its sizes: everything except its model and its GPUs. */
function readSizes(
  option: OptionReading,
  count: (column: CountColumn, byDefault: number) => number,
  sequence: number,
) {
  const { choose } = option;
  const pipeline = count('pp', 1);
  const expert = count('ep', 1);
  checkChoices(option);
  return {
    layout: {
      tensor: count('tp', 1),
      context: count('cp', 1),
      expert,
      pipeline,
      data: count('dp', 1),
      ...(choose('sequence_parallel', ['yes', 'no']) === 'no' ? { repeatsTokens: true } : {}),
      ...readSharding(option),
      ...readExchange(option, expert),
    },
    chunks: count('chunks', chunksOfLayout(option, pipeline)),
    microbatch: { sequences: count('microbatch', 1), sequence: count('sequence', sequence) },
    microbatches: count('microbatches', 4 * pipeline),
    precision: choose('precision', PRECISIONS) as Precision,
    recompute: choose('recompute', RECOMPUTATIONS) as Recomputation,
  };
}

function readCount(
  cell: string,
  byDefault: number,
  most: number,
  complain: (message: string) => void,
): number {
  if (cell === '') return byDefault;
  const value = /^\d+(\.0*)?$/.test(cell) ? Number(cell) : NaN;
  if (!(value >= 1 && value <= most)) {
    complain(`found ${quoted(cell)}, expected a whole number from 1 to ${most}`);
  }
  return value;
}

/**
 * The clocks and the power limit that a job sets: one clock for all stages, or one per stage,
 * separated by slashes.
 */
function readBoard(
  cells: CaseRow['cells'],
  machine: Machine,
  stages: number,
  complainOf: (column: string) => (message: string) => void,
): Pick<PredictedJob, 'machine' | 'clocksMHz'> {
  const { highestMHz, lowestMHz } = machine;
  const clockCell = cells['clock_mhz'] ?? '';
  const clocksMHz = clockCell === '' ? [] : clockCell.split('/').map((one) => numberOf(one));
  const range = `a clock from ${lowestMHz} to ${highestMHz} MHz`;
  if (clocksMHz.some((clock) => !(clock >= lowestMHz && clock <= highestMHz))) {
    complainOf('clock_mhz')(`found ${quoted(clockCell)}, expected ${range}`);
  } else if (clocksMHz.length > 1 && clocksMHz.length !== stages) {
    complainOf('clock_mhz')(
      `found ${clocksMHz.length} clocks for ${stages} stages, expected ${range}, or one for each stage with / between them`,
    );
  }
  const limitCell = cells['power_limit_w'] ?? '';
  const limitW = limitCell === '' ? machine.limitW : numberOf(limitCell);
  const leastW = Math.ceil(unlimitedPowerW('waiting', highestMHz, machine)) + 1;
  if (!(limitW >= leastW && limitW <= MOST_LIMIT_W)) {
    complainOf('power_limit_w')(
      `found ${quoted(limitCell)}, expected a number from ${leastW} (it draws less only while it waits) to ${MOST_LIMIT_W}`,
    );
  }
  return { machine: { ...machine, limitW }, ...(clocksMHz.length === 0 ? {} : { clocksMHz }) };
}

const MOST_LIMIT_W = 5000;

/** NaN if the text is not a plain decimal number. */
const numberOf = (cell: string) => (/^\s*\d+(\.\d*)?\s*$/.test(cell) ? Number(cell) : NaN);

/** The first of the choices is the default. */
function readChoice(
  cell: string,
  choices: readonly string[],
  complain: (message: string) => void,
): string {
  const value = cell === '' ? choices[0]! : cell.toLowerCase();
  if (!choices.includes(value)) {
    complain(`found ${quoted(cell)}, expected one of ${choices.join(', ')}`);
  }
  return value;
}

function readMeasured(
  cells: CaseRow['cells'],
  complainOf: (column: string) => (message: string) => void,
): PredictionCase['measured'] {
  const measured: Partial<Record<MeasuredColumn, number>> = {};
  for (const column of Object.keys(MEASURED_COLUMNS) as MeasuredColumn[]) {
    const cell = cells[column] ?? '';
    if (cell === '') continue;
    const value = Number(cell);
    if (value > 0 && value < 1e12) measured[column] = value;
    else complainOf(column)(`found ${quoted(cell)}, expected a number above 0, or nothing`);
  }
  return measured;
}
