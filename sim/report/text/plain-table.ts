import Table from 'cli-table3';
import { visible, visibleLine } from '../../../src/visible.js';

/** Borders that survive a pipe, a log file and a narrow font: one rule below the heading. */
const PLAIN = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', right: '', 'right-mid': '' },
  ...{ mid: '─', 'mid-mid': '──', middle: '  ' },
};

/**
 * A table in plain characters without colours. Headings may have several lines, cells have one; the
 * first columns are aligned left, by default one, the others right.
 */
export function plainTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  leftColumns = 1,
): string {
  const table = new Table({
    head: head.map(visible),
    colAligns: head.map((_, k) => (k < leftColumns ? 'left' : 'right')),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    chars: PLAIN,
  });
  for (const row of rows) table.push(row.map(visibleLine));
  const isRule = (line: string) => line.startsWith('─');
  const lines = table.toString().split('\n');
  const firstRule = lines.findIndex(isRule);
  return lines.filter((line, k) => k === firstRule || !isRule(line)).join('\n');
}
