import { COLUMN_NAMES, type ResultColumn, type ResultRow } from '../../sim/results/columns.js';

/** A row of results in which columns are empty that are not given. */
export function resultRow(given: Partial<ResultRow> = {}): ResultRow {
  const empty = Object.fromEntries(COLUMN_NAMES.map((name) => [name, null]));
  return { ...(empty as Record<ResultColumn, null>), ...given };
}
