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

/** The contents of a chart of a sweep, and their places. */
export interface SweepChoice {
  readonly kind: 'lines' | 'heat map';
  readonly metric: string;
  /** The policy of a heat map. */
  readonly policy: string;
  /** Columns along the axes, and those of panels side by side and one below the other. */
  readonly x: string;
  readonly y: string | undefined;
  readonly across: string | undefined;
  readonly down: string | undefined;
  /** The values at which all other axes are held. */
  readonly at: Readonly<Record<string, unknown>>;
}

/** More panels in a row or a column than these are too small to read. */
const MOST_PANELS = 6;

/**
 * The choice that shows the most of a sweep: the axes with the most values along the sides, others in panels,
 * the rest held at the middle of their values. Undefined if nothing varied.
 */
export function defaultChoice(
  { axes }: SweepData,
  wish: Pick<SweepChoice, 'kind' | 'metric' | 'policy'>,
): SweepChoice | undefined {
  const long = [...axes].sort((a, b) => b.values.length - a.values.length);
  const sides = wish.kind === 'lines' ? 1 : 2;
  const [x, y] = long.slice(0, sides);
  if (x === undefined || (sides === 2 && y === undefined)) return undefined;
  const others = axes.filter((axis) => axis !== x && axis !== y);
  const panels = others.filter(({ values }) => values.length <= MOST_PANELS);
  const [across, down] = panels;
  return heldAtMiddle(axes, {
    ...wish,
    x: x.field,
    y: y?.field,
    across: across?.field,
    down: down?.field,
    at: {},
  });
}

/** A choice in which every axis without a place is held at a value; those held already stay. */
function heldAtMiddle(axes: readonly VariedAxis[], choice: SweepChoice): SweepChoice {
  const placed = [choice.x, choice.y, choice.across, choice.down];
  const left = axes.filter(({ field }) => !placed.includes(field));
  const at = left.map(({ field, values }) => {
    const middle = values[Math.floor((values.length - 1) / 2)];
    return [field, values.includes(choice.at[field]) ? choice.at[field] : middle] as const;
  });
  return { ...choice, at: Object.fromEntries(at) };
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
function rowsAt(
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
