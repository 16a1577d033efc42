import { from } from 'arquero';
import { csvText } from './csv-text.js';
import { finite } from './finite.js';

/**
 * Rows of one shape as CSV, columns in the order of the first row's fields. Texts are on one line,
 * and a spreadsheet shows them as they are; numbers stay numbers.
 */
export function toCsv(rows: readonly Record<string, number | string | null>[]): string {
  for (const row of rows) for (const [name, value] of Object.entries(row)) finite(name, value);
  return from(
    rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [
          csvText(name),
          typeof value === 'string' ? csvText(value) : value,
        ]),
      ),
    ),
  ).toCSV();
}
