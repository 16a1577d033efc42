import { quoted } from '../../src/problem-list.js';
import { INSTRUCTION_KINDS } from '../../src/profile/operation.js';
import { understood } from '../../src/vocabulary.js';
import type { ClockEntry } from './clock-lists.js';
import type { PlanFile } from './plan-file.js';
import { clockProblem } from './clock-problem.js';

/** A row of `pipewatt plan`, not checked yet. */
export interface InstructionRow {
  /** Its place in the file: a line, or an offset. */
  readonly at: number;
  /** Numbers and texts by their columns. */
  readonly values: Readonly<Record<string, number | string | undefined>>;
}

/** Receives what is wrong with a row. */
type Tell = (row: InstructionRow, message: string, field: string) => void;

interface ReadRow {
  readonly row: InstructionRow;
  readonly stage: number;
  readonly index: number;
  readonly entry: ClockEntry;
  readonly durationS: number | undefined;
}

const VOCABULARY = { names: INSTRUCTION_KINDS };
/** No pipeline has more stages, and no stage more instructions. */
const MOST_STAGES = 1024;
const MOST_OF_STAGE = 1_000_000;

/** Puts rows of instructions in the order of their stages; every wrong one is told. */
export function instructionRows(
  rows: readonly InstructionRow[],
  tell: Tell,
): Pick<PlanFile, 'clocks' | 'durationsS'> {
  const read = rows.flatMap((row) => readRow(row, tell) ?? []);
  // Numbers are compared only if all of them could be read.
  if (read.length < rows.length) return { clocks: [] };
  const stages: ReadRow[][] = [];
  for (const one of read) {
    while (stages.length <= one.stage) stages.push([]);
    stages[one.stage]!.push(one);
  }
  stages.forEach((ofStage, stage) => {
    ofStage.sort((a, b) => a.index - b.index);
    const wrong = ofStage.find(({ index }, k) => index !== k);
    if (wrong !== undefined) {
      const message = `found ${wrong.index}, expected the instructions of stage ${stage} to be numbered 0, 1, 2, …, each once`;
      tell(wrong.row, message, 'index');
    } else if (ofStage.length === 0) {
      tell(read[0]!.row, `found no row of stage ${stage}, expected stages 0, 1, 2, …`, 'stage');
    }
  });
  const hasDurations = read.every((row) => row.durationS !== undefined);
  return {
    clocks: stages.map((ofStage) => ofStage.map(({ entry }) => entry)),
    ...(hasDurations
      ? { durationsS: stages.map((ofStage) => ofStage.map(({ durationS }) => durationS!)) }
      : {}),
  };
}

function readRow(row: InstructionRow, tell: Tell): ReadRow | undefined {
  const wrong = new Set<string>();
  const complain = (field: string, expected: string) => {
    wrong.add(field);
    const value = row.values[field];
    const found = value === undefined || value === '' ? 'nothing' : quoted(String(value));
    tell(row, `found ${found}, expected ${expected}`, field);
    return 0;
  };
  const whole = (field: string, most: number): number => {
    const value = numberOf(row.values[field]);
    if (Number.isInteger(value) && value >= 0 && value <= most) return value;
    return complain(field, `a whole number from 0 to ${most}`);
  };
  const stage = whole('stage', MOST_STAGES - 1);
  const index = whole('index', MOST_OF_STAGE - 1);
  const frequencyMHz = numberOf(row.values['frequency_mhz']);
  const noClock = clockProblem(frequencyMHz);
  if (noClock !== undefined) complain('frequency_mhz', noClock);
  const name = row.values['instruction'];
  const kind = typeof name === 'string' ? understood(VOCABULARY, name) : undefined;
  if (kind === undefined) complain('instruction', `one of ${INSTRUCTION_KINDS.join(', ')}`);
  const given = row.values['duration_s'];
  const durationS = given === undefined || given === '' ? undefined : numberOf(given);
  if (durationS !== undefined && !(durationS > 0 && durationS < 1e9)) {
    complain('duration_s', 'a time above 0, in s');
  }
  return wrong.size === 0
    ? { row, stage, index, entry: { kind, frequencyMHz }, durationS }
    : undefined;
}

function numberOf(value: number | string | undefined): number {
  if (typeof value !== 'string') return value ?? NaN;
  return value.trim() === '' ? NaN : Number(value);
}
