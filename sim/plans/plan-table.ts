import { ProblemList } from '../../src/problem-list.js';
import { csvRecords } from '../../src/profile/csv-records.js';
import { instructionRows, type InstructionRow } from './instruction-rows.js';
import { IS_FRONTIER } from './plan-of-literal.js';
import type { PlanFile } from './plan-file.js';

const NEEDED = ['stage', 'index', 'instruction', 'frequency_mhz'] as const;

/** Reads CSV of `pipewatt plan`. @throws InputError with every problem of the table. */
export function readPlanTable(text: string, source: string): PlanFile {
  const problems = new ProblemList(source);
  const { header, records } = csvRecords(text, problems);
  const names = (header?.cells ?? []).map((cell) => cell.trim().toLowerCase());
  if (names.join() === 'time_s,energy_j') {
    problems.add(IS_FRONTIER);
    problems.throwIfAny();
  }
  const missing = NEEDED.filter((name) => !names.includes(name));
  for (const name of missing) {
    problems.add(`is missing; found ${names.join(', ')}`, { line: 1, field: `column "${name}"` });
  }
  if (missing.length === 0 && records.length === 0) problems.add('has no rows, expected a plan');
  problems.throwIfAny();
  const rows = records.map(({ line, cells }): InstructionRow => ({
    at: line,
    values: Object.fromEntries(names.map((name, k) => [name, cells[k] ?? ''])),
  }));
  const found = instructionRows(rows, ({ at }, message, field) => {
    problems.add(message, { line: at, field: `column "${field}"` });
  });
  problems.throwIfAny();
  return { source, ...found, ...promised(rows) };
}

/** The promise of the whole plan, which every row repeats. */
function promised(rows: readonly InstructionRow[]): Pick<PlanFile, 'timeS' | 'energyJ'> {
  const of = (name: string) => {
    const values = new Set(rows.map(({ values }) => values[name]));
    const [text] = values;
    const value = values.size === 1 && text !== '' ? Number(text) : NaN;
    return Number.isFinite(value) ? value : undefined;
  };
  return { timeS: of('planned_time_s'), energyJ: of('planned_energy_j') };
}
