import { from } from 'arquero';
import { visibleLine } from '../../src/visible.js';
import { finite } from './finite.js';

/** First characters of texts that spreadsheets take for formulas. */
const FORMULA = /^[=+\-@\uff1d\uff0b\uff0d\uff20]/;
/** A number, which may begin with a sign. */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

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

/**
 * A text as a safe cell: control characters as escapes, and an apostrophe before a text that a
 * spreadsheet would compute.
 */
export function csvText(text: string): string {
  const line = visibleLine(text);
  return FORMULA.test(line) && !NUMBER.test(line) ? `'${line}` : line;
}
