import { from } from 'arquero';

/** Rows of one shape as CSV, columns in the order of the first row's fields. */
export function toCsv(rows: readonly Record<string, number | string | null>[]): string {
  return from([...rows]).toCSV();
}
