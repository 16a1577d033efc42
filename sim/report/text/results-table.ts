import { valueText } from '../numbers.js';
import { visibleLine } from '../../../src/visible.js';
import type { GroupRow } from '../sweep/group-results.js';
import { plainTable } from './plain-table.js';

/** Groups for people. */
export function groupTable(groupBy: readonly string[], rows: readonly GroupRow[]): string {
  if (rows.length === 0) return 'no rows\n';
  // Designs have no mean, seeds no runs that somebody would look up.
  const hasMeans = rows.some(({ mean }) => mean !== null);
  const hasIntervals = rows.some(({ halfWidth }) => halfWidth !== null);
  const hasRanges = rows.some(({ mean, count }) => mean === null && count > 0);
  const columns: readonly (readonly [head: string, of: (row: GroupRow) => unknown])[] = [
    ['metric', ({ metric }) => metric],
    ['rows', ({ count }) => count],
    ...(hasMeans ? ([['mean', ({ mean }: GroupRow) => mean]] as const) : []),
    ...(hasIntervals ? ([['± 95 %', ({ halfWidth }: GroupRow) => halfWidth]] as const) : []),
    ['lowest', ({ lowest }) => lowest],
    ...(hasRanges ? ([['in run', ({ lowestRun }: GroupRow) => lowestRun]] as const) : []),
    ['highest', ({ highest }) => highest],
    ...(hasRanges ? ([['in run', ({ highestRun }: GroupRow) => highestRun]] as const) : []),
  ];
  const head = [...groupBy.map(visibleLine), ...columns.map(([name]) => name)];
  const cells = rows.map((row) => [
    ...row.group.map(valueText),
    ...columns.map(([, of]) => valueText(of(row))),
  ]);
  return `${plainTable(head, cells, groupBy.length + 1)}\n`;
}

/** Rows as they are, for people. */
export function rowsTable(rows: readonly object[]): string {
  const names = Object.keys(rows[0] ?? {});
  if (names.length === 0) return 'no rows\n';
  return `${plainTable(
    names.map(visibleLine),
    rows.map((row) => names.map((name) => valueText((row as Record<string, unknown>)[name]))),
  )}\n`;
}
