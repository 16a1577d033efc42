/** What a column of results holds; any may be empty in a row. */
export type ColumnKind = 'number' | 'text';

/**
 * The columns of a row of results (a policy in a run), in order; units in the names. The only place
 * that says what each holds: the rows of `run`, the database of `sweep` and the check of what comes
 * from other machines are all made after it.
 */
export const RESULT_COLUMNS = {
  scenario: 'text',
  policy: 'text',
  seed: 'number',
  seeds: 'number',
  iterations: 'number',
  gpus: 'number',
  planned_time_s: 'number',
  simulated_time_s: 'number',
  simulated_time_low_s: 'number',
  simulated_time_high_s: 'number',
  slowdown_pct: 'number',
  planned_energy_j: 'number',
  simulated_energy_j: 'number',
  simulated_energy_low_j: 'number',
  simulated_energy_high_j: 'number',
  planned_saving_pct: 'number',
  simulated_saving_pct: 'number',
  simulated_saving_low_pct: 'number',
  simulated_saving_high_pct: 'number',
  intrinsic_pct: 'number',
  extrinsic_pct: 'number',
  average_power_w: 'number',
  regret_time_pct: 'number',
  regret_energy_pct: 'number',
  bound_energy_j: 'number',
  above_bound_pct: 'number',
  profile_time_error_pct: 'number',
  profile_slowdown_error_pct: 'number',
  profile_power_error_pct: 'number',
  currency: 'text',
  saved_money: 'number',
  saved_money_per_day: 'number',
  saved_carbon_kg: 'number',
  saved_carbon_per_day_kg: 'number',
} as const satisfies Readonly<Record<string, ColumnKind>>;

type Columns = typeof RESULT_COLUMNS;
export type ResultColumn = keyof Columns;

/** One row of the results, with a value or null in every column. */
export type ResultRow = {
  readonly [Name in ResultColumn]: (Columns[Name] extends 'text' ? string : number) | null;
};

/** Names in the order of the columns. */
export const RESULT_COLUMN_NAMES = Object.keys(RESULT_COLUMNS) as readonly ResultColumn[];
