import { most } from '../../../src/extremes.js';
import type { Column, HeadingLines } from '../../results/column.js';
import { COLUMN_ENTRIES, hasPlan, type ResultColumn } from '../../results/columns.js';
import type { PolicyResult } from '../../run/policy-figures.js';
import type { ScenarioResult } from '../../run/run-scenario.js';
import { energyUnit, fixed } from '../numbers.js';
import { COLUMN_GAP, LINE_COLUMNS, widthOf } from './wrapped.js';

/** A column of the table for people, with its cells, one per policy. */
export interface PolicyColumn {
  /** Neighbouring columns with the same upper line share it. */
  readonly heading: HeadingLines;
  readonly cells: readonly string[];
}

/** A unit for people, and how much of the column's own unit it is. */
interface ShownUnit {
  readonly name: string;
  readonly size: number;
}

/** The columns that suit a result: figures that it has, in units that suit them. */
export function policyColumns(result: ScenarioResult): PolicyColumn[] {
  const isPlanned = hasPlan(result);
  return COLUMN_ENTRIES.flatMap(([, column]) => {
    const { shown } = column;
    if (shown?.when(result) !== true) return [];
    const unit = shownUnit(column.unit, result);
    const [over, under] = (isPlanned ? shown.besidePlan : undefined) ?? shown.lines;
    const named = (line: string) => line.replace('{unit}', unit.name);
    const cells = result.policies.map((row) => cellOf(column, unit, result, row));
    return [{ heading: [named(over), named(under)], cells }];
  });
}

/** The columns of a first look, the most important first: as many as fit into a line. */
const BRIEF: readonly ResultColumn[] = [
  ...(['policy', 'simulated_energy_j', 'simulated_saving_pct', 'simulated_time_s'] as const),
  ...(['slowdown_pct', 'likely_saving_low_pct', 'simulated_saving_low_pct'] as const),
  ...(['average_power_w', 'above_bound_pct', 'regret_energy_pct', 'regret_time_pct'] as const),
];

/** The columns of the reference in a first look. */
const OF_REFERENCE: ReadonlySet<string> = new Set<ResultColumn>([
  ...(['simulated_energy_j', 'simulated_time_s', 'average_power_w'] as const),
]);

/** The name of the reference in the column of policies. */
export const REFERENCE_NAME = 'without stragglers';

/**
 * The columns of a first look, which fit into a line.
 * @param reference the same job at the highest clocks without its stragglers: the last row.
 */
export function briefColumns(result: ScenarioResult, reference?: ScenarioResult): PolicyColumn[] {
  const found = new Map<ResultColumn, PolicyColumn>();
  for (const [name, column] of COLUMN_ENTRIES) {
    if (!BRIEF.includes(name) || column.shown?.when(result) !== true) continue;
    const unit = shownUnit(column.unit, result);
    const [over, under] = column.shown.lines;
    const heading: HeadingLines = [over, under].map((line) =>
      line.replace('{unit}', unit.name),
    ) as [string, string];
    const cells = result.policies.map((row) => cellOf(column, unit, result, row));
    if (cells.every((cell) => cell === '' || cell === '—')) continue;
    found.set(name, {
      heading,
      cells: [...cells, ...referenceCell(name, column, unit, reference)],
    });
  }
  return fitting(found);
}

function referenceCell(
  name: ResultColumn,
  column: Column,
  unit: ShownUnit,
  reference: ScenarioResult | undefined,
): string[] {
  if (reference === undefined) return [];
  if (name === 'policy') return [REFERENCE_NAME];
  return [OF_REFERENCE.has(name) ? cellOf(column, unit, reference, reference.policies[0]!) : ''];
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

/** One string per heading, lines apart; a shared upper line appears once. */
export function headingTexts(columns: readonly PolicyColumn[]): string[] {
  return columns.map(({ heading: [over, under] }, k) => {
    const isContinued = columns[k - 1]?.heading[0] === over;
    return headingText([isContinued ? '' : over, under]);
  });
}

/** Both lines in one string. */
export function headingText([over, under]: HeadingLines): string {
  return under === '' ? over : `${over}\n${under}`;
}

/** Energies have one unit, that of the largest. */
function shownUnit(unit: Column['unit'], { policies }: ScenarioResult): ShownUnit {
  if (unit === 'W') return { name: 'kW', size: 1e3 };
  if (unit !== 'J') return { name: unit, size: 1 };
  const { name, joules } = energyUnit(most(policies.map((row) => row.simulatedEnergyJ)));
  return { name, size: joules };
}

function cellOf(
  column: Column,
  { size }: ShownUnit,
  result: ScenarioResult,
  row: PolicyResult,
): string {
  if (column.type === 'text') return column.of(result, row) ?? '—';
  const { isComparison = false, upTo, digits } = column.shown!;
  // Against itself max-frequency saves nothing, by definition.
  if (isComparison && row.policy === 'max-frequency') return '';
  const number = (value: number | undefined) =>
    value === undefined ? '—' : fixed(value / size, digits);
  const value = column.of(result, row);
  const text = number(value);
  if (upTo === undefined || value === undefined) return text;
  return `${text} … ${number(upTo(row, result))}`;
}
