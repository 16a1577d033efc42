import { parse } from 'csv-parse/sync';
import { InputError, type Problem } from '../errors.js';
import { nearestName } from '../nearest-name.js';
import { usefulOptions } from './pareto.js';
import {
  byKind,
  INSTRUCTION_KINDS,
  type ExecutionOption,
  type InstructionKind,
  type StageOptions,
  type StageProfile,
} from './stage-profile.js';

const COLUMNS = ['stage', 'instruction', 'frequency', 'time', 'energy'] as const;
type Column = (typeof COLUMNS)[number];

/** Columns that tell the GPUs of one stage apart; rows that differ only in these are averaged. */
const RANK_COLUMNS = ['rank', 'dp_rank', 'tp_rank', 'pp_rank', 'local_rank'];

/** No instruction takes this long: the times are in another unit. */
const LONGEST_PLAUSIBLE_TIME_S = 1000;

/** One row that was read, with its line for messages. */
interface Row {
  readonly line: number;
  readonly stage: number;
  readonly kind: InstructionKind;
  readonly rank: string;
  readonly option: ExecutionOption;
}

/**
 * Reads a stage profile: CSV with a header and the columns `stage,instruction,frequency,time,energy`
 * (in any order; s, J, MHz; one GPU). Other columns are ignored, but rows of one (stage,
 * instruction, frequency) that differ in a rank column are averaged.
 *
 * @param source name of the file, for messages.
 * @throws InputError with every problem of the file.
 */
export function readStageProfile(text: string, source: string): StageProfile {
  const records = parseRecords(text, source);
  const header = records[0];
  if (header === undefined) {
    throw InputError.of({
      source,
      message: `the file is empty; expected a header "${COLUMNS.join(',')}" and a row for every stage, instruction and clock`,
    });
  }
  const columns = locateColumns(header.cells, source);
  const problems: Problem[] = [];
  const rows = records
    .slice(1)
    .map((record) => readRow(record, header.cells, columns, source, problems))
    .filter((row) => row !== undefined);
  if (records.length === 1) {
    problems.push({ source, line: 1, message: 'there is a header but no row below it' });
  }
  findDuplicates(rows, source, problems);
  if (problems.length > 0) throw new InputError(problems);
  const stages = groupByStage(rows, source, problems);
  if (problems.length > 0) throw new InputError(problems);
  return { source, stages };
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
    throw InputError.of({
      source,
      ...(lines === undefined ? {} : { line: lines }),
      message: `not readable as CSV: ${message}`,
    });
  }
}

/** Where each column stands. Nothing can be read without all of them, so their lack is final. */
function locateColumns(header: readonly string[], source: string): Record<Column, number> {
  const names = header.map((name) => name.toLowerCase());
  const problems: Problem[] = [];
  const place = (column: Column): number => {
    const at = names.indexOf(column);
    if (at >= 0 && names.indexOf(column, at + 1) >= 0) {
      problems.push({
        source,
        line: 1,
        field: `column "${column}"`,
        message: 'appears twice; keep one',
      });
    }
    if (at < 0) problems.push(missingColumn(column, header, source));
    return at;
  };
  const columns = Object.fromEntries(COLUMNS.map((column) => [column, place(column)]));
  if (problems.length > 0) throw new InputError(problems);
  return columns as Record<Column, number>;
}

function missingColumn(column: Column, header: readonly string[], source: string): Problem {
  const candidates = header.filter((name) => !(COLUMNS as readonly string[]).includes(name));
  const near = nearestName(column, candidates);
  const semicolons = header.length === 1 && header[0]!.includes(';');
  const advice = semicolons
    ? 'the file is separated by semicolons; separate it by commas'
    : near !== undefined
      ? `found "${near}"; rename it to "${column}" (units: frequency MHz, time s, energy J)`
      : `found ${header.map((name) => `"${name}"`).join(', ')}; expected ${COLUMNS.join(', ')}`;
  return { source, line: 1, field: `column "${column}"`, message: `is missing: ${advice}` };
}

function readRow(
  { line, cells }: CsvRecord,
  header: readonly string[],
  columns: Record<Column, number>,
  source: string,
  problems: Problem[],
): Row | undefined {
  if (cells.length !== header.length) {
    problems.push({
      source,
      line,
      message: `has ${cells.length} fields where the header has ${header.length}`,
    });
    return undefined;
  }
  const before = problems.length;
  const complain = (column: Column, message: string) =>
    problems.push({ source, line, field: `column "${column}"`, message });
  const positive = (column: Column, unit: string): number => {
    const found = cells[columns[column]]!;
    const value = found === '' ? NaN : Number(found);
    if (!(value > 0 && value < Infinity)) {
      complain(column, `found "${found}", expected a number above 0 (${unit})`);
    }
    return value;
  };
  const stageText = cells[columns.stage]!;
  const stage = stageText === '' ? NaN : Number(stageText);
  if (!(Number.isInteger(stage) && stage >= 0)) {
    complain('stage', `found "${stageText}", expected a whole number from 0`);
  }
  const kindText = cells[columns.instruction]!;
  const kind = INSTRUCTION_KINDS.find((name) => name === kindText);
  if (kind === undefined) {
    const near = nearestName(kindText, INSTRUCTION_KINDS);
    const hint = near === undefined ? '' : `; did you mean "${near}"?`;
    complain(
      'instruction',
      `found "${kindText}", expected ${INSTRUCTION_KINDS.join(' or ')}${hint}`,
    );
  }
  const frequencyMHz = positive('frequency', 'MHz');
  const timeS = positive('time', 's');
  const energyJ = positive('energy', 'J');
  if (timeS > LONGEST_PLAUSIBLE_TIME_S && timeS < Infinity) {
    complain(
      'time',
      `found ${timeS} s for one instruction, expected at most ${LONGEST_PLAUSIBLE_TIME_S} s; is the column in ms or µs?`,
    );
  }
  if (problems.length > before || kind === undefined) return undefined;
  return {
    line,
    stage,
    kind,
    rank: RANK_COLUMNS.map((name) => cells[header.indexOf(name)] ?? '').join('/'),
    option: { frequencyMHz, timeS, energyJ },
  };
}

function findDuplicates(rows: readonly Row[], source: string, problems: Problem[]): void {
  const lineOf = new Map<string, number>();
  for (const { line, stage, kind, rank, option } of rows) {
    const key = `${stage},${kind},${option.frequencyMHz},${rank}`;
    const first = lineOf.get(key);
    if (first === undefined) lineOf.set(key, line);
    else {
      problems.push({
        source,
        line,
        field: 'columns "stage", "instruction", "frequency"',
        message: `stage ${stage}, ${kind}, ${option.frequencyMHz} MHz stands on line ${first} already; keep one, or tell the GPUs apart in a column "rank"`,
      });
    }
  }
}

function groupByStage(
  rows: readonly Row[],
  source: string,
  problems: Problem[],
): readonly StageOptions[] {
  const stageCount = rows.reduce((count, row) => Math.max(count, row.stage + 1), 0);
  const present = new Set(rows.map((row) => row.stage));
  if (stageCount > present.size * 2 + 64) {
    problems.push({
      source,
      field: 'column "stage"',
      message: `the largest stage is ${stageCount - 1}, but only ${present.size} stages have rows; number them 0, 1, 2, …`,
    });
    return [];
  }
  return Array.from({ length: stageCount }, (_, stage) => {
    const ofStage = rows.filter((row) => row.stage === stage);
    if (ofStage.length === 0) {
      problems.push({
        source,
        field: 'column "stage"',
        message: `stage ${stage} has no row, though stage ${stageCount - 1} has; stages are numbered 0, 1, 2, … without gaps`,
      });
    }
    return byKind((kind) => {
      const options = averageRanks(ofStage.filter((row) => row.kind === kind));
      if (ofStage.length > 0) checkOptions(options, stage, kind, source, problems);
      return options;
    });
  });
}

function checkOptions(
  options: readonly ExecutionOption[],
  stage: number,
  kind: InstructionKind,
  source: string,
  problems: Problem[],
): void {
  if (options.length === 0) {
    problems.push({
      source,
      field: 'column "instruction"',
      message: `stage ${stage} has no "${kind}" row; every stage needs ${INSTRUCTION_KINDS.join(' and ')}`,
    });
    return;
  }
  const useful = usefulOptions(options).length;
  if (useful < 2) {
    problems.push({
      source,
      message: `stage ${stage}, ${kind}: ${useful} of ${options.length} clocks is useful (not beaten on both time and energy by another), expected at least 2; profile more clocks`,
    });
  }
}

/** One option per clock, highest first: the mean over the ranks of the stage. */
function averageRanks(rows: readonly Row[]): ExecutionOption[] {
  const byClock = new Map<number, ExecutionOption[]>();
  for (const { option } of rows) {
    const same = byClock.get(option.frequencyMHz);
    if (same === undefined) byClock.set(option.frequencyMHz, [option]);
    else same.push(option);
  }
  return [...byClock]
    .sort(([a], [b]) => b - a)
    .map(([frequencyMHz, same]) => ({
      frequencyMHz,
      timeS: same.reduce((sum, option) => sum + option.timeS, 0) / same.length,
      energyJ: same.reduce((sum, option) => sum + option.energyJ, 0) / same.length,
    }));
}
