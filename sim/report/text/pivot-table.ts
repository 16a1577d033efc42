import { extremes } from '../../../src/extremes.js';
import { visibleLine } from '../../../src/visible.js';
import { shortNames } from '../sweep/axes.js';
import type { GroupRow } from '../sweep/group-results.js';
import { metricTitle } from '../sweep/metric-title.js';
import type { Pivot } from '../sweep/pivot.js';
import { fixed, valueText } from '../numbers.js';
import { plainTable } from './plain-table.js';

/** Widest line: that of a terminal as it opens. */
const WIDTH = 80;
/** Blanks between columns, as `plainTable` sets them. */
const GAP = 2;
/** Longest text of a value in a heading; lists and objects can be longer. */
const LONGEST_VALUE = 24;

/** The words of pivot tables of one figure, besides their cells. */
export interface PivotWords {
  /** The policy, if all are of one. */
  readonly policy: string | undefined;
}

/**
 * Pivot tables of one figure, for a terminal: those wider than it are cut into several. Cells over seeds have
 * their mean, cells over a grid the lowest and the highest value.
 */
export function pivotText(tables: readonly Pivot[], { policy }: PivotWords): string {
  const [first] = tables;
  if (first === undefined) return 'no rows\n';
  const number = pivotNumbers(tables);
  const { metric, down, across, within } = first;
  const [downName, acrossName] = shortNames(across === undefined ? [down] : [down, across]);
  const whose = policy === undefined ? '' : ` of ${policy}`;
  const title = [
    `${metricTitle(metric, number.unit)}${whose}`,
    ...(across === undefined ? [] : [`down: ${down}; across: ${across}`]),
    ...(within.length === 0 ? [] : [`lowest … highest over ${within.join(', ')}`]),
  ];
  const parts = tables.flatMap((table) => {
    const at = Object.entries(table.at).map(([name, value]) => `${name} = ${headText(value)}`);
    return [
      ...(at.length === 0 ? [] : [visibleLine(at.join(', '))]),
      ...blocks(table, number.text, downName!, acrossName),
    ];
  });
  return `${title.map(folded).join('\n')}\n\n${parts.join('\n\n')}\n`;
}

/** A long line, broken at blanks. */
export function folded(text: string): string {
  const lines = [''];
  for (const word of visibleLine(text).split(' ')) {
    const line = lines.at(-1)!;
    if (line === '') lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(`  ${word}`);
  }
  return lines.join('\n');
}

/** One table, cut between columns where it would be wider than a terminal. */
function blocks(
  { downValues, acrossValues, cells }: Pivot,
  text: (cell: GroupRow | undefined) => string,
  downName: string,
  acrossName: string | undefined,
): string[] {
  const labels = downValues.map(headText);
  const heads = acrossValues.map((value) => (value === undefined ? '' : headText(value)));
  const corner = acrossName === undefined ? downName : `${downName} ↓ ${acrossName} →`;
  const room = WIDTH - Math.max(corner.length, ...labels.map((label) => label.length));
  const width =
    GAP +
    Math.max(
      ...heads.map(({ length }) => length),
      ...cells.flat().map((cell) => text(cell).length),
    );
  const each = Math.max(1, Math.floor(room / width));
  return Array.from({ length: Math.ceil(heads.length / each) }, (_, k) => {
    const from = k * each;
    const rows = cells.map((row, r) => [labels[r]!, ...row.slice(from, from + each).map(text)]);
    return plainTable([corner, ...heads.slice(from, from + each)].map(visibleLine), rows);
  });
}

function headText(value: unknown): string {
  const text = valueText(value);
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE - 1)}…`;
}

/** Digits after the point with which the values of tables are told apart, and a power of ten for large ones. */
export function pivotNumbers(tables: readonly Pivot[]) {
  const cells = tables.flatMap((table) => table.cells.flat());
  const values = cells.flatMap((cell) => [cell?.lowest, cell?.highest, cell?.mean]);
  const numbers = values.filter((value) => typeof value === 'number');
  const { least, most } = extremes(numbers.length === 0 ? [0] : numbers);
  const largest = Math.max(Math.abs(least), Math.abs(most));
  const power = largest >= 1e5 ? 3 * Math.floor(Math.log10(largest) / 3) : 0;
  const spread = (most - least || largest || 1) / 10 ** power;
  const digits = Math.min(12, Math.max(0, 2 - Math.floor(Math.log10(spread) + 1e-9)));
  const one = (value: number) => fixed(value / 10 ** power, digits);
  const text = (cell: GroupRow | undefined) => {
    if (cell === undefined) return '·';
    const { mean, lowest, highest } = cell;
    if (mean !== null) return one(mean);
    return lowest === null || highest === null ? '—' : `${one(lowest)}…${one(highest)}`;
  };
  return { text, unit: power === 0 ? '' : `10^${power}` };
}
