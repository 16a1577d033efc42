import { most } from '../../../src/extremes.js';
import { visibleLine } from '../../../src/visible.js';
import { escapeMarkdown } from '../escape.js';
import { fixed, valueText } from '../numbers.js';
import { shortNames } from '../sweep/axes.js';
import type { Pivot } from '../sweep/pivot.js';
import { documentTable, oneLineHeadings, type DocumentFormat } from './document-table.js';
import { pivotNumbers } from './pivot-table.js';

/** Rows of results for a document, without the columns that are empty in all of them. */
export function rowsDocument(rows: readonly object[], format: DocumentFormat): string {
  const records = rows as readonly Readonly<Record<string, unknown>>[];
  const names = Object.keys(records[0] ?? {}).filter((name) =>
    records.some((row) => row[name] !== null && row[name] !== undefined),
  );
  if (names.length === 0) return format === 'latex' ? '% no rows\n' : 'no rows\n';
  const texts = names.map((name) => alignedTexts(records.map((row) => row[name])));
  return documentTable(format, {
    headings: oneLineHeadings(names),
    rows: records.map((_, r) => texts.map((column) => column[r]!)),
    leftColumns: names.map((name) => records.some((row) => typeof row[name] === 'string')),
  });
}

/** The digits of the largest number of a column. */
const DIGITS = 6;

/** The values of a column; its numbers have the same digits after the point. */
function alignedTexts(values: readonly unknown[]): string[] {
  const texts = values.map(valueText);
  const numbers = values.filter((value) => typeof value === 'number');
  const largest = most([0, ...numbers.map(Math.abs)]);
  if (largest === 0 || texts.some((text) => /\de/.test(text))) return texts;
  const needed = most(texts.map((text) => (/\.(\d+)$/.exec(text)?.[1] ?? '').length));
  const digits = Math.min(needed, Math.max(0, DIGITS - 1 - Math.floor(Math.log10(largest))));
  return values.map((value, k) => (typeof value === 'number' ? fixed(value, digits) : texts[k]!));
}

/** Pivot tables of one figure for a document, each whole, however wide. */
export function pivotDocument(tables: readonly Pivot[], format: DocumentFormat): string {
  const { text } = pivotNumbers(tables);
  return tables
    .map((pivot) => {
      const { down, across, downValues, acrossValues, cells, metric } = pivot;
      const [downName = down, acrossName = metric] = shortNames(
        across === undefined ? [down] : [down, across],
      );
      const table = documentTable(format, {
        headings: [
          [downName, ''],
          ...acrossValues.map((value): readonly [string, string] => [
            acrossName,
            value === undefined ? '' : valueText(value),
          ]),
        ],
        rows: cells.map((row, r) => [valueText(downValues[r]), ...row.map(text)]),
        leftColumns: 1,
      });
      return `${titleOf(pivot, format)}${table}`;
    })
    .join('\n');
}

/** The values that a table is limited to, if it is one of several. */
function titleOf({ at }: Pivot, format: DocumentFormat): string {
  const limits = Object.entries(at).map(([name, value]) => `${name} = ${valueText(value)}`);
  if (limits.length === 0) return '';
  const text = limits.join(', ');
  return format === 'latex' ? `% ${visibleLine(text)}\n` : `${escapeMarkdown(text)}\n\n`;
}
