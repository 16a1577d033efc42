import { most } from '../../../src/extremes.js';
import type { Column, HeadingLines } from '../../results/column.js';
import { COLUMN_ENTRIES, type ResultColumn } from '../../results/columns.js';
import type { ScenarioResult } from '../../run/run-scenario.js';
import { cellOf, shownUnit, type PolicyColumn, type ShownUnit } from './policy-columns.js';
import { COLUMN_GAP, LINE_COLUMNS, widthOf } from './wrapped.js';

/** The columns of a first look, the most important first: as many as fit into a line. */
const BRIEF: readonly ResultColumn[] = [
  ...(['scenario', 'policy', 'simulated_energy_j', 'simulated_saving_pct'] as const),
  ...(['simulated_time_s', 'slowdown_pct', 'likely_saving_low_pct'] as const),
  ...(['simulated_saving_low_pct', 'average_power_w', 'above_bound_pct'] as const),
  ...(['regret_energy_pct', 'regret_time_pct'] as const),
];

/** The columns of the reference in a first look. */
const OF_REFERENCE: ReadonlySet<string> = new Set<ResultColumn>([
  ...(['simulated_energy_j', 'simulated_time_s', 'average_power_w'] as const),
]);

/** The name of the reference in the column of policies. */
const REFERENCE_NAME = 'without stragglers';

/** A run with its rows in a table. */
export interface BriefRun {
  /** In the first of its rows, if the table has several runs. */
  readonly name?: string;
  readonly result: ScenarioResult;
  /** The same job at the highest clocks, without its stragglers: the last row. */
  readonly reference?: ScenarioResult | undefined;
}

/** The columns of a first look at some runs, which fit into a line. */
export function briefColumns(runs: readonly BriefRun[]): PolicyColumn[] {
  const policies = runs.flatMap(({ result }) => result.policies);
  const found = new Map<ResultColumn, PolicyColumn>();
  if (runs.length > 1) {
    found.set('scenario', { heading: ['scenario', ''], cells: runs.flatMap(namesOf) });
  }
  for (const [name, column] of COLUMN_ENTRIES) {
    const { shown } = column;
    if (!BRIEF.includes(name) || !runs.some(({ result }) => shown?.when(result))) continue;
    const unit = shownUnit(column.unit, { policies });
    const [over, under] = shown!.lines.map((line) => line.replace('{unit}', unit.name));
    const heading: HeadingLines = [over!, under!];
    const cells = runs.flatMap((run) => cellsOf(run, name, column, unit));
    if (cells.some((cell) => cell !== '' && cell !== '—')) found.set(name, { heading, cells });
  }
  return fitting(found);
}

/** The name of a run in its first row. */
function namesOf({ name = '', result, reference }: BriefRun): string[] {
  const rows = result.policies.length + (reference === undefined ? 0 : 1);
  return Array.from({ length: rows }, (_, k) => (k === 0 ? name : ''));
}

function cellsOf(
  { result, reference }: BriefRun,
  name: ResultColumn,
  column: Column,
  unit: ShownUnit,
): string[] {
  const isShown = column.shown!.when(result);
  const cells = result.policies.map((row) => (isShown ? cellOf(column, unit, result, row) : ''));
  if (reference === undefined) return cells;
  if (name === 'policy') return [...cells, REFERENCE_NAME];
  const isKnown = OF_REFERENCE.has(name);
  return [...cells, isKnown ? cellOf(column, unit, reference, reference.policies[0]!) : ''];
}

/** The most important columns that fit into a line, in the order of all columns. */
function fitting(found: ReadonlyMap<ResultColumn, PolicyColumn>): PolicyColumn[] {
  const kept = new Set<PolicyColumn>();
  let columns = 0;
  for (const name of BRIEF) {
    const column = found.get(name);
    if (column === undefined) continue;
    const width = most([...column.heading, ...column.cells].map(widthOf)) + COLUMN_GAP;
    if (kept.size > 0 && columns + width - COLUMN_GAP > LINE_COLUMNS) continue;
    kept.add(column);
    columns += width;
  }
  return [...found.values()].filter((column) => kept.has(column));
}
