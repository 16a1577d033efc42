import { op, table } from 'arquero';
import { quantileSorted } from 'simple-statistics';
import { visibleLine } from '../../../src/visible.js';
import { SEED } from '../../sweep/sweep-axes.js';
import { plainTable } from './plain-table.js';

/** Columns of results, by name; all of one length. */
export type ResultColumns = Readonly<Record<string, readonly unknown[]>>;

/** One group of results, or all of them. */
export interface GroupRow {
  /** Values of the columns that rows are grouped by. */
  readonly group: readonly unknown[];
  readonly metric: string;
  readonly count: number;
  readonly mean: number;
  /**
   * Half the width of the 95 % interval of the mean over seeds; null if the rows are of one seed, or
   * of several designs: they then differ by choice, not by chance.
   */
  readonly halfWidth: number | null;
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/**
 * Mean with a 95 % interval over seeds, median, lowest and highest of metrics by group, in the order
 * in which groups first appear.
 *
 * @param design columns that tell designs apart: all that rows differ in by choice, not by chance.
 */
export function groupResults(
  columns: ResultColumns,
  groupBy: readonly string[],
  metrics: readonly string[],
  design: readonly string[],
): GroupRow[] {
  const all = table({ ...columns, [DESIGN]: designsOf(columns, design) } as Record<
    string,
    unknown[]
  >);
  const grouped = groupBy.length === 0 ? all : all.groupby(...groupBy);
  return metrics.flatMap((metric) => {
    const found = grouped.rollup({ values: op.array_agg(metric), designs: op.distinct(DESIGN) });
    return (found.objects() as Record<string, unknown>[]).map((row) => {
      const values = (row['values'] as unknown[]).filter((x): x is number => typeof x === 'number');
      const group = groupBy.map((name) => row[name]);
      return summaryOf(group, metric, values, row['designs'] === 1);
    });
  });
}

/** Columns that distinguish a sweep's designs: its varied fields except seeds, and policies. */
export function designColumns(fields: readonly string[]): string[] {
  return ['policy', ...fields.filter((field) => field !== SEED)];
}

/** A column of its own, named as no other is. */
const DESIGN = '(design)';

function designsOf(columns: ResultColumns, design: readonly string[]): string[] {
  const { length } = Object.values(columns)[0] ?? [];
  const known = design.flatMap((name) => (columns[name] === undefined ? [] : [columns[name]]));
  return Array.from({ length }, (_, k) => JSON.stringify(known.map((column) => column[k])));
}

function summaryOf(
  group: readonly unknown[],
  metric: string,
  values: readonly number[],
  isOneDesign: boolean,
): GroupRow {
  const n = values.length;
  const mean = values.reduce((sum, x) => sum + x, 0) / n;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1);
  const sorted = [...values].sort((a, b) => a - b);
  return {
    group,
    metric,
    count: n,
    mean,
    halfWidth: n < 2 || !isOneDesign ? null : studentQuantile(n - 1) * Math.sqrt(variance / n),
    median: n === 0 ? NaN : quantileSorted(sorted, 0.5),
    lowest: sorted[0] ?? NaN,
    highest: sorted.at(-1) ?? NaN,
  };
}

/**
 * The 97.5 % quantile of Student's t by its expansion about the normal's (Abramowitz and Stegun,
 * 26.7.5): within 0.2 % from 4 degrees of freedom on; exact values below.
 */
function studentQuantile(degrees: number): number {
  const few = [12.706, 4.303, 3.182][degrees - 1];
  if (few !== undefined) return few;
  const z = 1.959963985;
  const terms = [
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92_160,
  ];
  return terms.reduce((sum, term, k) => sum + term / degrees ** (k + 1), z);
}

/** Groups for people. */
export function groupTable(groupBy: readonly string[], rows: readonly GroupRow[]): string {
  if (rows.length === 0) return 'no rows\n';
  const hasIntervals = rows.some(({ halfWidth }) => halfWidth !== null);
  const interval = hasIntervals ? ['± 95 %'] : [];
  const head = [
    ...groupBy.map(visibleLine),
    'metric',
    'rows',
    'mean',
    ...interval,
    'median',
    'lowest',
    'highest',
  ];
  const cells = rows.map((row) => [
    ...row.group.map(cellText),
    row.metric,
    String(row.count),
    short(row.mean),
    ...(hasIntervals ? [cellText(row.halfWidth)] : []),
    ...[row.median, row.lowest, row.highest].map((x) => short(x)),
  ]);
  return `${plainTable(head, cells, groupBy.length + 1)}\n`;
}

function short(value: number): string {
  if (Number.isNaN(value)) return '—';
  return Math.abs(value) >= 1e6 || (value !== 0 && Math.abs(value) < 1e-3)
    ? value.toExponential(4)
    : String(Number(value.toPrecision(6)));
}

function cellText(value: unknown): string {
  if (typeof value === 'number') return short(value);
  if (value === null || value === undefined) return '—';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A column and which way is better: `-saving` the more, `energy` the less. */
export interface Wish {
  readonly column: string;
  readonly isMore: boolean;
}

/** Reads `-saving` or `energy`. */
export function parseWish(text: string): Wish {
  return text.startsWith('-')
    ? { column: text.slice(1), isMore: true }
    : { column: text, isMore: false };
}

/** Places of the best rows of each group by a column, best first. Rows without a number are left out. */
export function bestPlaces(
  columns: ResultColumns,
  groupBy: readonly string[],
  wish: Wish,
  count: number,
): number[] {
  return chosenPlaces(columns, groupBy, [wish], () => {
    let taken = 0;
    return () => taken++ < count;
  });
}

/**
 * Places of the rows of each group that no other row of it beats in both columns; in order of the
 * first. Of rows that are equal in both, the first. O(rows · log rows).
 */
export function paretoPlaces(
  columns: ResultColumns,
  groupBy: readonly string[],
  wishes: readonly [Wish, Wish],
): number[] {
  return chosenPlaces(columns, groupBy, wishes, () => {
    let least = Infinity;
    return (costs) => {
      const isBetter = costs[1]! < least;
      if (isBetter) least = costs[1]!;
      return isBetter;
    };
  });
}

/**
 * Goes through the rows of each group in the order of wishes, and keeps what is wanted; groups are
 * in the order in which they first appear. Rows without a number are left out.
 *
 * @param begin begins a group: says of one row after the other, by its costs, whether to keep it.
 */
function chosenPlaces(
  columns: ResultColumns,
  groupBy: readonly string[],
  wishes: readonly Wish[],
  begin: () => (costs: readonly number[]) => boolean,
): number[] {
  const costs = wishes.map(({ column, isMore }) =>
    columns[column]!.map((value) => (typeof value === 'number' ? (isMore ? -value : value) : NaN)),
  );
  const keyOf = (place: number) =>
    groupBy.length === 0 ? '' : JSON.stringify(groupBy.map((name) => columns[name]![place]));
  const groups = new Map<string, number[]>();
  for (let place = 0; place < costs[0]!.length; place++) {
    if (costs.some((values) => Number.isNaN(values[place]))) continue;
    const key = keyOf(place);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [place]);
    else group.push(place);
  }
  const order = (a: number, b: number) =>
    costs.reduce((difference, values) => difference || values[a]! - values[b]!, 0) || a - b;
  return [...groups.values()].flatMap((group) => {
    const isKept = begin();
    return group.sort(order).filter((place) => isKept(costs.map((values) => values[place]!)));
  });
}

/** Rows as they are, for people. */
export function rowsTable(rows: readonly object[]): string {
  const names = Object.keys(rows[0] ?? {});
  if (names.length === 0) return 'no rows\n';
  return `${plainTable(
    names.map(visibleLine),
    rows.map((row) => names.map((name) => cellText((row as Record<string, unknown>)[name]))),
  )}\n`;
}
