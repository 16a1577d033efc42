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

/** A number with at most six significant digits. */
function short(value: number): string {
  if (Number.isNaN(value)) return '—';
  return Math.abs(value) >= 1e6 || (value !== 0 && Math.abs(value) < 1e-3)
    ? value.toExponential(4)
    : String(Number(value.toPrecision(6)));
}

/** A value of a column, for people. */
export function valueText(value: unknown): string {
  if (typeof value === 'number') return short(value);
  if (value === null || value === undefined) return '—';
  return typeof value === 'string' ? value : JSON.stringify(value);
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
