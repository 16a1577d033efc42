import { bestPolicy, byEffect, distinct, variedAxes } from './axes.js';
import type { ResultColumns } from './group-results.js';
import { isComparison } from './metric-title.js';
import type { PivotColumns } from './pivot.js';

/** The part of some results that a pivot table shows. */
export interface ChosenPivot {
  readonly places: PivotColumns;
  /** The rows that it is about: of one policy, unless policies have places of their own. */
  readonly columns: ResultColumns;
  /** The policy, if there were several. */
  readonly policy: string | undefined;
}

/**
 * Chooses what a pivot table of a figure shows: the given columns, or what varied. Of several axes, the two
 * that matter most; the one with more values goes down. Undefined if nothing varied.
 *
 * @param by rows, columns and further tables; policies get the columns if there is nothing else for them.
 */
export function chosenPivot(
  columns: ResultColumns,
  metric: string,
  fields: readonly string[],
  by?: readonly string[],
): ChosenPivot | undefined {
  const policies = distinct(columns['policy'] ?? []) as string[];
  const [down, second, ...tables] = by ?? chosenAxes(columns, metric, fields);
  if (down === undefined) return undefined;
  const isSpread = second === undefined && down !== 'policy' && policies.length > 1;
  const across = isSpread ? 'policy' : second;
  const places = { down, across, tables };
  if ([down, across, ...tables].includes('policy')) {
    const isCompared = isComparison(metric) && by?.includes('policy') !== true;
    const shown = isCompared ? limited(columns, (policy) => policy !== 'max-frequency') : columns;
    return { places, columns: shown, policy: undefined };
  }
  if (policies.length < 2) return { places, columns, policy: undefined };
  const policy = bestPolicy(columns)!;
  return { places, columns: limited(columns, (name) => name === policy), policy };
}

function chosenAxes(columns: ResultColumns, metric: string, fields: readonly string[]): string[] {
  const axes = byEffect(columns, variedAxes(columns, fields), metric);
  const chosen = axes.slice(0, 2).sort((a, b) => b.values.length - a.values.length);
  return chosen.map(({ field }) => field);
}

/** The rows of some policies. */
export function limited(
  columns: ResultColumns,
  isWanted: (policy: unknown) => boolean,
): ResultColumns {
  const kept = (columns['policy'] ?? []).map(isWanted);
  return Object.fromEntries(
    Object.entries(columns).map(([name, values]) => [name, values.filter((_, k) => kept[k])]),
  );
}
