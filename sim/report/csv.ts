import { from } from 'arquero';
import { finite } from './finite.js';

/** Rows of one shape as CSV, columns in the order of the first row's fields. */
export function toCsv(rows: readonly Record<string, number | string | null>[]): string {
  for (const row of rows) for (const [name, value] of Object.entries(row)) finite(name, value);
  return from([...rows]).toCSV();
}
