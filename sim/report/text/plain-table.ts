import Table from 'cli-table3';
import { most } from '../../../src/extremes.js';
import { visible, visibleLine } from '../../../src/visible.js';
import { brokenText, COLUMN_GAP, LINE_COLUMNS, widthOf } from './wrapped.js';

/** Borders that survive a pipe, a log file and a narrow font: one rule below the heading. */
const PLAIN = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', right: '', 'right-mid': '' },
  ...{ mid: '─', 'mid-mid': '──', middle: '  ' },
};

/** Texts are not broken into narrower columns than this. */
const NARROWEST = 12;

/** The first columns are broken to this width before others that belong together are separated. */
const MOST_LEFT = 30;

/** A column with its heading. */
interface TextColumn {
  /** Lines apart. */
  readonly head: string;
  readonly cells: readonly string[];
  readonly width: number;
}

/**
 * A table in plain characters without colours, at most 80 columns wide: one that is wider is broken
 * into tables below each other, of which each has the first columns. Headings may have several lines,
 * cells have one; the first columns are aligned left, by default one, the others right.
 */
export function plainTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  leftColumns = 1,
): string {
  const columns = head.map((each, k) => {
    const cells = rows.map((row) => visibleLine(row[k] ?? ''));
    const heading = visible(each);
    const width = most([0, ...[...heading.split('\n'), ...cells].map(widthOf)]);
    return { head: heading, cells, width };
  });
  const besides = Math.min(MOST_LEFT, totalWidth(columns.slice(0, leftColumns)));
  const groups = groupsOf(columns.slice(leftColumns), LINE_COLUMNS - besides - COLUMN_GAP);
  const widest = most([0, ...groups.map(totalWidth)]);
  const left = narrowed(columns.slice(0, leftColumns), LINE_COLUMNS - widest - COLUMN_GAP);
  return blocksOf(groups, LINE_COLUMNS - totalWidth(left) - COLUMN_GAP)
    .map((block) => drawn([...left, ...block], leftColumns))
    .join('\n\n');
}

function totalWidth(columns: readonly TextColumn[]): number {
  return columns.reduce((sum, { width }, k) => sum + width + (k === 0 ? 0 : COLUMN_GAP), 0);
}

/** Columns that share the upper line of their heading stay together, if they fit into a line. */
function groupsOf(columns: readonly TextColumn[], mostWidth: number): TextColumn[][] {
  const groups: TextColumn[][] = [];
  for (const column of columns) {
    const group = groups.at(-1);
    const isContinued = group !== undefined && /^\n./.test(column.head);
    if (isContinued && totalWidth([...group, column]) <= mostWidth) group.push(column);
    else if (isContinued) groups.push([{ ...column, head: upperLine(group) + column.head }]);
    else groups.push([column]);
  }
  return groups;
}

function upperLine([first]: readonly TextColumn[]): string {
  return first!.head.split('\n')[0]!;
}

/** As many groups as fit beside the first columns, block by block. */
function blocksOf(groups: readonly TextColumn[][], columns: number): (readonly TextColumn[])[] {
  const blocks: TextColumn[][] = [[]];
  for (const group of groups) {
    const block = blocks.at(-1)!;
    if (block.length === 0 || totalWidth([...block, ...group]) <= columns) block.push(...group);
    else blocks.push([...group]);
  }
  return blocks.map((block) => narrowed(block, columns));
}

/** Breaks the texts of the widest column until all columns fit, or that one is at its narrowest. */
function narrowed(columns: readonly TextColumn[], most: number): readonly TextColumn[] {
  const over = totalWidth(columns) - most;
  if (over <= 0) return columns;
  const widest = columns.reduce((a, b) => (b.width > a.width ? b : a));
  const width = Math.max(NARROWEST, widest.width - over);
  if (width >= widest.width) return columns;
  const broken = (text: string) => brokenText(text, width);
  const head = widest.head.split('\n').map(broken).join('\n');
  const narrow = { head, cells: widest.cells.map(broken), width };
  return columns.map((column) => (column === widest ? narrow : column));
}

function drawn(columns: readonly TextColumn[], leftColumns: number): string {
  const table = new Table({
    head: columns.map(({ head }) => head),
    colAligns: columns.map((_, k) => (k < leftColumns ? 'left' : 'right')),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    chars: PLAIN,
  });
  columns[0]?.cells.forEach((_, row) => {
    table.push(columns.map(({ cells }) => cells[row]!));
  });
  const isRule = (line: string) => line.startsWith('─');
  const lines = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
  const firstRule = lines.findIndex(isRule);
  return lines.filter((line, k) => k === firstRule || !isRule(line)).join('\n');
}
