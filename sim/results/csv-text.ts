import { visibleLine } from '../../src/visible.js';

/** First characters of texts that spreadsheets take for formulas. */
const FORMULA = /^[=+\-@\uff1d\uff0b\uff0d\uff20]/;
/** A number, which may begin with a sign. */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * A text as a safe cell: control characters as escapes, and an apostrophe before a text that a
 * spreadsheet would compute.
 */
export function csvText(text: string): string {
  const line = visibleLine(text);
  return FORMULA.test(line) && !NUMBER.test(line) ? `'${line}` : line;
}
