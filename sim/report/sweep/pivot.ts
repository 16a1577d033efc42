import { designColumns, groupResults, type GroupRow, type ResultColumns } from './group-results.js';
import { distinct } from './axes.js';

/** A figure over two columns: a cell for each pair of their values. */
export interface Pivot {
  readonly metric: string;
  /** The column whose values are the rows, and that whose values are the columns, if there is one. */
  readonly down: string;
  readonly across: string | undefined;
  /** The values of other columns to which the rows of results were limited. */
  readonly at: Readonly<Record<string, unknown>>;
  readonly downValues: readonly unknown[];
  readonly acrossValues: readonly unknown[];
  /** By row, then by column; undefined where no run is, or none is done yet. */
  readonly cells: readonly (readonly (GroupRow | undefined)[])[];
  /** Varied columns that vary within cells. */
  readonly within: readonly string[];
}

/** The places of columns in pivot tables. */
export interface PivotColumns {
  readonly down: string;
  readonly across: string | undefined;
  /** Columns that have a table for each combination of their values. */
  readonly tables: readonly string[];
}

/**
 * Pivot tables of a figure: of one column, of two, or several of two.
 *
 * @param fields what the sweep varied.
 */
export function pivots(
  columns: ResultColumns,
  metric: string,
  { down, across, tables }: PivotColumns,
  fields: readonly string[],
): Pivot[] {
  const design = designColumns(fields);
  const axes = across === undefined ? [down] : [down, across];
  const values = axes.map((name) => distinct(columns[name] ?? []));
  const orders = tables.map((name) => distinct(columns[name] ?? []));
  const rows = groupResults(columns, [...tables, ...axes], [metric], design);
  const used = new Set([...tables, ...axes]);
  const within = varyingWithin(columns, [...used], design);
  const byTable = new Map<string, GroupRow[]>();
  for (const row of rows) {
    const key = JSON.stringify(row.group.slice(0, tables.length));
    byTable.set(key, [...(byTable.get(key) ?? []), row]);
  }
  return combinations(orders).flatMap((at) => {
    const found = byTable.get(JSON.stringify(at));
    if (found === undefined) return [];
    return {
      metric,
      down,
      across,
      at: Object.fromEntries(tables.map((name, k) => [name, at[k]])),
      downValues: values[0]!,
      acrossValues: values[1] ?? [undefined],
      cells: cellsOf(found, tables.length, values[0]!, values[1]),
      within,
    };
  });
}

function cellsOf(
  rows: readonly GroupRow[],
  skipped: number,
  down: readonly unknown[],
  across: readonly unknown[] = [undefined],
): (GroupRow | undefined)[][] {
  const key = (values: readonly unknown[]) => JSON.stringify(values.map((value) => value ?? null));
  const byKey = new Map(
    rows.map((row) => [key([row.group[skipped], row.group[skipped + 1]]), row] as const),
  );
  return down.map((first) => across.map((second) => byKey.get(key([first, second]))));
}

function combinations(lists: readonly (readonly unknown[])[]): unknown[][] {
  return lists.reduce<unknown[][]>(
    (all, list) => all.flatMap((before) => list.map((value) => [...before, value])),
    [[]],
  );
}

/** Columns of a design that have several values where the others are given. */
function varyingWithin(
  columns: ResultColumns,
  given: readonly string[],
  design: readonly string[],
): string[] {
  const others = design.filter((name) => !given.includes(name) && columns[name] !== undefined);
  const length = columns['policy']?.length ?? 0;
  const seen = new Map<string, unknown[]>();
  const varying = new Set<string>();
  for (let place = 0; place < length; place++) {
    const key = JSON.stringify(given.map((name) => columns[name]![place]));
    const first = seen.get(key);
    const values = others.map((name) => columns[name]![place]);
    if (first === undefined) seen.set(key, values);
    else others.filter((_, k) => first[k] !== values[k]).forEach((name) => varying.add(name));
  }
  return others.filter((name) => varying.has(name));
}
