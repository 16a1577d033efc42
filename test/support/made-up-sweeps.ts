import type { ResultColumns } from '../../sim/report/sweep/group-results.js';

/** A value of a field. */
type FieldValue = number | string;

/**
 * A table of results of a grid: runs with every combination of values, the last field fastest; policies
 * max-frequency, zeus-global and perseus, of which the last saves the most.
 *
 * @param savedPct what perseus saves, by the fields that are numbers.
 */
export function gridOf(
  fields: Readonly<Record<string, readonly FieldValue[]>>,
  savedPct: (at: Readonly<Record<string, number>>) => number = () => 10,
): { readonly columns: ResultColumns; readonly fields: string[] } {
  const names = Object.keys(fields);
  const runs = Object.values(fields).reduce<FieldValue[][]>(
    (all, values) => all.flatMap((before) => values.map((value) => [...before, value])),
    [[]],
  );
  const rows = runs.flatMap((values, run) => {
    const at = Object.fromEntries(names.map((name, k) => [name, values[k]!]));
    const pct = savedPct(at as Readonly<Record<string, number>>);
    return (['max-frequency', 'zeus-global', 'perseus'] as const).map((policy, k) => ({
      ...{ run, policy, ...at },
      simulated_saving_pct: [0, pct / 2, pct][k]!,
      simulated_time_s: 10 + run,
      simulated_energy_j: 1000 * (100 - [0, pct / 2, pct][k]!) - run,
      slowdown_pct: k,
    }));
  });
  const columns = Object.keys(rows[0]!).map((name) => {
    return [name, rows.map((row) => (row as Readonly<Record<string, unknown>>)[name])] as const;
  });
  return { columns: Object.fromEntries(columns), fields: names };
}
