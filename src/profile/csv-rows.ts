import { nearestName } from '../nearest-name.js';
import { implausible, isPlausible } from '../plausible.js';
import { QUANTITIES } from '../quantities.js';
import { ProblemList, quoted, quotedList } from '../problem-list.js';
import { conversionNote, findColumns, type ColumnSpec, type PlacedColumn } from './columns.js';
import { csvRecords, decimalMark, type CsvRecord } from './csv-records.js';
import {
  instructionKind,
  isOtherInstruction,
  toNumber,
  unknownInstruction,
} from './instruction-cells.js';
import { MisfitRows } from './misfit-rows.js';
import { PROFILED_KINDS, type ExecutionOption, type ProfiledKind } from './stage-profile.js';
import { timeOrEnergyAdvice } from './unit-advice.js';

/** The columns of a stage profile. */
const PROFILE_COLUMNS = ['stage', 'instruction', 'frequency', 'time', 'energy'] as const;

type Column = (typeof PROFILE_COLUMNS)[number];

const SPECS: Readonly<Record<Column, ColumnSpec>> = {
  stage: { name: 'stage' },
  instruction: { name: 'instruction' },
  frequency: {
    name: 'frequency',
    unit: 'MHz',
    alias: [
      'freq',
      'clock',
      'sm_clock',
      'gpu_clock',
      'core_clock',
      'graphics_clock',
      'sm_frequency',
    ],
  },
  time: { name: 'time', unit: 's', alias: ['duration', 'latency', 'elapsed', 'runtime'] },
  energy: { name: 'energy', unit: 'J' },
};

/** Columns whose cells are numbers with fractions. */
const QUANTITY_COLUMNS = ['frequency', 'time', 'energy'] as const;

/** Columns that distinguish the GPUs of one stage. */
const RANK_COLUMNS = [
  ...['rank', 'dp_rank', 'tp_rank', 'pp_rank', 'global_rank', 'local_rank'],
  ...['gpu', 'gpu_id', 'gpu_index', 'device', 'device_id', 'node', 'host', 'hostname'],
];

/** The cost of an instruction at a clock on one GPU. */
export interface RankRow {
  readonly stage: number;
  readonly kind: ProfiledKind;
  /** The GPU of the stage; rows of different GPUs are joined. */
  readonly rank: string;
  readonly option: ExecutionOption;
}

/** One row of a profile, with its line for messages. */
export interface ProfileRow extends RankRow {
  readonly line: number;
}

/** A row of loading a microbatch, which no profile holds but a scenario can. */
export interface LoadRow {
  readonly stage: number;
  readonly rank: string;
  readonly frequencyMHz: number;
  readonly timeS: number;
}

/** Rows, and notes on how they were read. */
export interface ReadRows {
  readonly rows: readonly ProfileRow[];
  /** Rows of the instruction `load` with a possible stage and time, if they were asked for. */
  readonly loads: readonly LoadRow[];
  readonly notes: readonly string[];
}

/**
 * The rows of a profile, checked one by one. O(size of the text).
 *
 * @param problems receives every wrong row; such a row is left out.
 * @param keep.loads keeps rows of `load`, which are otherwise left out with a note.
 * @throws InputError if the text is not CSV, is empty, or lacks a column.
 */
export function readProfileRows(
  text: string,
  source: string,
  problems: ProblemList,
  keep: { readonly loads: boolean } = { loads: false },
): ReadRows {
  const { header, records, separator } = csvRecords(text, problems);
  if (header === undefined) {
    problems.add(
      `the file is empty; expected a header "${PROFILE_COLUMNS.join(',')}" and a row for every stage, instruction and clock`,
    );
    problems.throwIfAny();
    return { rows: [], loads: [], notes: [] };
  }
  const layout = locateColumns(header, source);
  if (records.length === 0) {
    problems.add('there is a header but no row below it', { line: header.line });
  }
  const notes = conversions(layout);
  const reading = new RowReader(
    layout,
    hasDecimalCommas(records, layout, separator, problems, notes),
    problems,
    keep.loads,
  );
  const rows = records.flatMap((record) => reading.read(record) ?? []);
  notes.push(...reading.finish(rows.length));
  return { rows, loads: reading.loads, notes };
}

/** The positions of the columns. */
interface Layout {
  readonly width: number;
  readonly at: Readonly<Record<Column, PlacedColumn>>;
  readonly ranks: readonly number[];
}

/** Nothing can be read without all of the columns, so a missing one ends the reading. */
function locateColumns({ cells: header, line }: CsvRecord, source: string): Layout {
  const problems = new ProblemList(source);
  const place = (column: Column): PlacedColumn | undefined => {
    const found = findColumns(header, SPECS[column]);
    const where = { line, field: `column "${column}"` };
    if (found.length === 0) problems.add(missingColumn(column, header), where);
    else if (found.length > 1) problems.add('appears twice; keep one', where);
    return found[0];
  };
  const at = Object.fromEntries(PROFILE_COLUMNS.map((column) => [column, place(column)]));
  problems.throwIfAny();
  return {
    width: header.length,
    at: at as Record<Column, PlacedColumn>,
    ranks: header.flatMap((name, k) => (RANK_COLUMNS.includes(name.toLowerCase()) ? [k] : [])),
  };
}

/**
 * Names that resemble a column's but mean something else: a point in time is not a duration, a
 * power not an energy, the number of a microbatch or step not a stage.
 */
const NOT_TO_RENAME: Readonly<Record<Column, RegExp>> = {
  stage: /time|date|count|num|total/i,
  instruction: /count|num|total|id$/i,
  frequency: /mem|time|count|num/i,
  time: /start|begin|end|stamp|date|now|clock|epoch|time_?(at|of|zone)|count|num|times$/i,
  energy: /power|watt|start|begin|end|price|cost|carbon|count/i,
};

function missingColumn(column: Column, header: readonly string[]): string {
  const others = header.filter(
    (name) =>
      !(PROFILE_COLUMNS as readonly string[]).includes(name.toLowerCase()) &&
      !NOT_TO_RENAME[column].test(name),
  );
  const near = nearestName(column, others);
  const advice =
    near === undefined
      ? `found ${quotedList(header)}; expected ${PROFILE_COLUMNS.join(', ')}`
      : `found ${quoted(near)}; rename it to "${column}" if that is what it holds (units: frequency MHz, time s, energy J)`;
  return `is missing: ${advice}`;
}

function conversions({ at }: Layout): string[] {
  return QUANTITY_COLUMNS.flatMap((column) => conversionNote(at[column], SPECS[column]) ?? []);
}

/** Whether commas are decimal separators; if that cannot be determined, the file is rejected. */
function hasDecimalCommas(
  records: readonly CsvRecord[],
  { at }: Layout,
  separator: string,
  problems: ProblemList,
  notes: string[],
): boolean {
  // In comma-separated files a comma within a number is quoted, and usually groups thousands.
  if (separator === ',') return false;
  const cells = QUANTITY_COLUMNS.flatMap((column) =>
    records.map((record) => record.cells[at[column].at] ?? ''),
  );
  const mark = decimalMark(cells);
  if (mark === 'both') {
    problems.add(
      'some numbers have a decimal comma and others a decimal point; write all with a point',
    );
    problems.throwIfAny();
  }
  if (mark === 'ambiguous') {
    problems.add(
      'numbers such as "1,410" may be one and a half or more than a thousand; write them with a decimal point and without commas',
    );
    problems.throwIfAny();
  }
  if (mark === ',') notes.push('commas within numbers are read as decimal points');
  return mark === ',';
}

/** Reads rows one by one, and counts those it skips. */
class RowReader {
  readonly loads: LoadRow[] = [];
  private readonly passedOver = new Map<string, number>();
  private readonly misfits: MisfitRows;

  constructor(
    private readonly layout: Layout,
    private readonly hasCommas: boolean,
    private readonly problems: ProblemList,
    private readonly keepsLoads: boolean,
  ) {
    this.misfits = new MisfitRows(problems);
  }

  /** A row of the profile, or undefined if it is not one (with problems or a count). */
  read({ line, cells }: CsvRecord): ProfileRow | undefined {
    const { width, at } = this.layout;
    if (cells.length !== width) {
      this.problems.add(`has ${cells.length} fields where the header has ${width}`, { line });
      return undefined;
    }
    const instruction = cells[at.instruction.at]!;
    const kind = instructionKind(instruction);
    if (kind === undefined && isOtherInstruction(instruction)) {
      if (this.keepsLoads && instruction.toLowerCase() === 'load') this.keepLoad(cells);
      else this.passedOver.set(instruction, (this.passedOver.get(instruction) ?? 0) + 1);
      return undefined;
    }
    const before = this.problems.count;
    const field = (column: Column) => ({ line, field: `column "${at[column].header}"` });
    const stage = toNumber(cells[at.stage.at]!);
    if (!(Number.isSafeInteger(stage) && stage >= 0)) {
      const message = `found ${quoted(cells[at.stage.at]!)}, expected a whole number from 0`;
      this.problems.add(message, field('stage'));
    }
    if (kind === undefined)
      this.problems.add(unknownInstruction(instruction), field('instruction'));
    const frequencyMHz = this.quantity('frequency', line, cells);
    const timeS = this.quantity('time', line, cells);
    const energyJ = this.quantity('energy', line, cells);
    if (this.problems.count > before || kind === undefined) return undefined;
    const option = { frequencyMHz, timeS, energyJ };
    if (!this.isPossible(line, option)) return undefined;
    return { line, stage, kind, rank: this.rankOf(cells), option };
  }

  private rankOf(cells: readonly string[]): string {
    return this.layout.ranks.map((k) => cells[k]!).join('/');
  }

  private keepLoad(cells: readonly string[]): void {
    const { at } = this.layout;
    const stage = toNumber(cells[at.stage.at]!);
    const timeS = this.valueOf(cells[at.time.at]!) * at.time.factor;
    const frequencyMHz = this.valueOf(cells[at.frequency.at]!) * at.frequency.factor;
    if (!(Number.isSafeInteger(stage) && stage >= 0)) return;
    if (!isPlausible(QUANTITIES.overheadS, timeS)) return;
    if (implausible('clockMHz', frequencyMHz) !== undefined) return;
    this.loads.push({ stage, rank: this.rankOf(cells), frequencyMHz, timeS });
  }

  private valueOf(cell: string): number {
    return toNumber(this.hasCommas ? cell.replace(',', '.') : cell);
  }

  /** Sentences on the skipped rows; reports the problems of many rows. */
  finish(rowsRead: number): string[] {
    this.misfits.tell((timeS, energyJ) => this.unitAdvice(timeS, energyJ));
    if (this.passedOver.size === 0) return [];
    const counts = [...this.passedOver].map(([name, n]) => `${quoted(name)} (${n})`);
    const found = counts.slice(0, 5).join(', ') + (counts.length > 5 ? ', …' : '');
    if (rowsRead === 0 && this.problems.count === 0) {
      this.problems.add(
        `found only the instructions ${found}, expected ${PROFILED_KINDS.join(' and ')}`,
        {
          field: 'column "instruction"',
        },
      );
    }
    return [`rows of instructions other than forward and backward are left out: ${found}`];
  }

  private quantity(
    column: (typeof QUANTITY_COLUMNS)[number],
    line: number,
    cells: readonly string[],
  ): number {
    const { at, header, factor } = this.layout.at[column];
    const cell = cells[at]!;
    const value = this.valueOf(cell) * factor;
    if (!(value > 0 && value < Infinity)) {
      this.problems.add(
        `found ${quoted(cell)}, expected a number above 0 (${SPECS[column].unit!})`,
        { line, field: `column "${header}"` },
      );
    }
    return value;
  }

  /**
   * Whether a GPU can do this; if not, the file's rows of this kind are reported as one problem.
   */
  private isPossible(line: number, { frequencyMHz, timeS, energyJ }: ExecutionOption): boolean {
    const { frequency, time, energy } = this.layout.at;
    const clockProblem = implausible('clockMHz', frequencyMHz);
    if (clockProblem !== undefined) {
      this.misfits.add(line, frequency.header, frequencyMHz, clockProblem);
    }
    const isPower = isPlausible(QUANTITIES.computingPowerW, energyJ / timeS);
    const timeProblem = implausible('instructionTimeS', timeS);
    // If both are impossible, the power is more informative, provided it identifies the unit.
    if (!isPower && (timeProblem === undefined || this.unitAdvice(timeS, energyJ) !== '')) {
      this.misfits.addPower(line, [time.header, energy.header], timeS, energyJ);
    } else if (timeProblem !== undefined) {
      this.misfits.add(line, time.header, timeS, timeProblem);
    }
    return clockProblem === undefined && timeProblem === undefined && isPower;
  }

  /** The cause of an impossible power: the header's units, or others. */
  private unitAdvice(timeS: number, energyJ: number): string {
    const { time, energy } = this.layout.at;
    const isPower = (asTimeS: number, asEnergyJ: number) =>
      isPlausible(QUANTITIES.computingPowerW, asEnergyJ / asTimeS);
    if (time.factor !== 1 && isPower(timeS / time.factor, energyJ)) {
      return `the times look like seconds although the header says ${time.otherUnit!}`;
    }
    if (energy.factor !== 1 && isPower(timeS, energyJ / energy.factor)) {
      return `the energies look like joules although the header says ${energy.otherUnit!}`;
    }
    return timeOrEnergyAdvice(timeS, energyJ);
  }
}
