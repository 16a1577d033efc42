import type { SweepChoice } from './sweep-choice.js';
import { byEffect, distinct, variedAxes, type VariedAxis } from './axes.js';
import { designColumns, groupResults, type GroupRow, type ResultColumns } from './group-results.js';

/** The runs of a sweep that did not fail, as charts need them. */
export interface SweepData {
  readonly columns: ResultColumns;
  /** The fields that varied, those that matter most to the saving first. */
  readonly axes: readonly VariedAxis[];
  /** In the order of a run's rows. */
  readonly policies: readonly string[];
  /** Columns that the sweep varied, seeds among them. */
  readonly fields: readonly string[];
}

/** The figure by which what varied is sorted. */
const SORTED_BY = 'simulated_saving_pct';

/** Makes the data of charts from a table of results. */
export function sweepData(columns: ResultColumns, fields: readonly string[]): SweepData {
  const isDone = (columns['policy'] ?? []).map((policy) => policy !== null);
  const done = Object.fromEntries(
    Object.entries(columns).map(([name, values]) => [name, values.filter((_, k) => isDone[k])]),
  );
  return {
    columns: done,
    axes: byEffect(done, variedAxes(done, fields), SORTED_BY),
    policies: distinct(done['policy'] ?? []) as string[],
    fields,
  };
}

/** A value of a chart, of one design. */
export interface ChartRow extends Pick<GroupRow, 'halfWidth' | 'lowestRun' | 'count'> {
  readonly policy: string;
  readonly value: number;
  readonly x: unknown;
  readonly y: unknown;
  readonly across: unknown;
  readonly down: unknown;
}

/** The values that a chart shows: each of one design, the mean over its seeds. */
export function chartRows(
  { columns, fields, policies }: SweepData,
  choice: SweepChoice,
): ChartRow[] {
  const places = [choice.x, choice.y, choice.across, choice.down].map((name) => name ?? 'policy');
  const kept = rowsAt(columns, choice.at);
  const shown = new Set(choice.kind === 'lines' ? policies : [choice.policy]);
  const rows = groupResults(kept, ['policy', ...places], [choice.metric], designColumns(fields));
  return rows.flatMap(({ group, mean, halfWidth, lowestRun, count }) => {
    const [policy, x, y, across, down] = group;
    if (mean === null || !shown.has(policy as string)) return [];
    return {
      policy: policy as string,
      value: mean,
      halfWidth,
      lowestRun,
      count,
      x,
      y,
      across,
      down,
    };
  });
}

/** The rows that have some values. */
export function rowsAt(
  columns: ResultColumns,
  at: Readonly<Record<string, unknown>>,
): ResultColumns {
  const wanted = Object.entries(at);
  const length = Object.values(columns)[0]?.length ?? 0;
  const kept = Array.from({ length }, (_, place) =>
    wanted.every(([name, value]) => columns[name]?.[place] === value),
  );
  return Object.fromEntries(
    Object.entries(columns).map(([name, values]) => [name, values.filter((_, k) => kept[k])]),
  );
}
