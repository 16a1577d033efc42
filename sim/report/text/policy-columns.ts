import { most } from '../../../src/extremes.js';
import type { Column, HeadingLines } from '../../results/column.js';
import { COLUMN_ENTRIES, hasPlan } from '../../results/columns.js';
import type { PolicyResult } from '../../run/policy-figures.js';
import type { ScenarioResult } from '../../run/run-scenario.js';
import { energyUnit, fixed } from '../numbers.js';

/** A column of the table for people, with its cells, one per policy. */
export interface PolicyColumn {
  /** Neighbouring columns with the same upper line share it. */
  readonly heading: HeadingLines;
  readonly cells: readonly string[];
}

/** A unit for people, and how much of the column's own unit it is. */
export interface ShownUnit {
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

/** One string per heading, lines apart; a shared upper line appears once. */
export function headingTexts(columns: readonly PolicyColumn[]): string[] {
  return columns.map(({ heading: [over, under] }, k) => {
    const isContinued = columns[k - 1]?.heading[0] === over;
    return headingText([isContinued ? '' : over, under]);
  });
}

/** Both lines in one string. */
function headingText([over, under]: HeadingLines): string {
  return under === '' ? over : `${over}\n${under}`;
}

/** Energies have one unit, that of the largest. */
export function shownUnit(
  unit: Column['unit'],
  { policies }: Pick<ScenarioResult, 'policies'>,
): ShownUnit {
  if (unit === 'W') return { name: 'kW', size: 1e3 };
  if (unit !== 'J') return { name: unit, size: 1 };
  const { name, joules } = energyUnit(most(policies.map((row) => row.simulatedEnergyJ)));
  return { name, size: joules };
}

/** The cell of a policy's row. */
export function cellOf(
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
