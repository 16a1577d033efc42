import { groupBy } from '../../../src/groups.js';
import { extremes } from '../../../src/extremes.js';
import { quantileSorted } from 'simple-statistics';
import { SEED } from '../../sweep/seed-field.js';

/** Columns of results, by name; all of one length. */
export type ResultColumns = Readonly<Record<string, readonly unknown[]>>;

/** One group of results, or all of them. */
export interface GroupRow {
  /** Values of the columns that rows are grouped by. */
  readonly group: readonly unknown[];
  readonly metric: string;
  /** Rows that have a value. */
  readonly count: number;
  /**
   * Mean over seeds; null if the rows are of several designs. They then differ by choice, not by
   * chance: a mean of them would be one of the values that somebody happened to list.
   */
  readonly mean: number | null;
  /** Half the width of the 95 % interval of that mean; null where all seeds gave one value. */
  readonly halfWidth: number | null;
  readonly median: number | null;
  readonly lowest: number | null;
  readonly highest: number | null;
  /** The first runs that have the lowest and the highest value; null if runs are not known. */
  readonly lowestRun: number | null;
  readonly highestRun: number | null;
}

/**
 * Summaries of the rows of each group, in the order in which groups first appear: over seeds a mean with its
 * 95 % interval and a median; over designs only from where to where, and in which runs.
 *
 * @param design columns that tell designs apart: all that rows differ in by choice, not by chance.
 */
export function groupResults(
  columns: ResultColumns,
  groups: readonly string[],
  metrics: readonly string[],
  design: readonly string[],
): GroupRow[] {
  const length = Object.values(columns)[0]?.length ?? 0;
  const places = groupBy(
    Array.from({ length }, (_, place) => place),
    keyOf(columns, groups),
  );
  const designOf = keyOf(columns, design);
  return metrics.flatMap((metric) =>
    [...places.values()].map((found) => {
      const group = groups.map((name) => columns[name]![found[0]!]);
      return summaryOf({ group, metric }, columns, found, designOf);
    }),
  );
}

/** Columns that distinguish a sweep's designs: its varied fields except seeds, and policies. */
export function designColumns(fields: readonly string[]): string[] {
  return ['policy', ...fields.filter((field) => field !== SEED)];
}

/** A text for each row that only rows with the same values in some columns share. */
export function keyOf(columns: ResultColumns, names: readonly string[]): (place: number) => string {
  const values = names.flatMap((name) => (columns[name] === undefined ? [] : [columns[name]]));
  return (place) => JSON.stringify(values.map((column) => column[place]));
}

function summaryOf(
  about: Pick<GroupRow, 'group' | 'metric'>,
  columns: ResultColumns,
  places: readonly number[],
  designOf: (place: number) => string,
): GroupRow {
  const column = columns[about.metric] ?? [];
  const used = places.filter((place) => Number.isFinite(column[place]));
  const values = used.map((place) => column[place] as number);
  const { least, most } = extremes(values);
  const runOf = (value: number) => {
    const run = columns['run']?.[used[values.indexOf(value)]!];
    return typeof run === 'number' ? run : null;
  };
  const isEmpty = values.length === 0;
  return {
    ...about,
    count: values.length,
    ...overSeeds(values, new Set(used.map(designOf)).size === 1),
    lowest: isEmpty ? null : least,
    highest: isEmpty ? null : most,
    lowestRun: isEmpty ? null : runOf(least),
    highestRun: isEmpty ? null : runOf(most),
  };
}

function overSeeds(
  values: readonly number[],
  isOneDesign: boolean,
): Pick<GroupRow, 'mean' | 'halfWidth' | 'median'> {
  if (!isOneDesign) return { mean: null, halfWidth: null, median: null };
  const n = values.length;
  // Without chance, or of one seed, there is one value: its mean has no rounding, and no interval.
  if (values.every((value) => value === values[0])) {
    return { mean: values[0]!, halfWidth: null, median: values[0]! };
  }
  const mean = values.reduce((sum, x) => sum + x, 0) / n;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1);
  const median = quantileSorted(
    [...values].sort((a, b) => a - b),
    0.5,
  );
  return { mean, halfWidth: studentQuantile(n - 1) * Math.sqrt(variance / n), median };
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
