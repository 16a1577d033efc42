import { visibleLine } from '../../../src/visible.js';
import type { HeadingLines } from '../../results/column.js';

/** A table of a document. */
export interface DocumentTable {
  /** Neighbouring columns with the same upper line share it. */
  readonly headings: readonly HeadingLines[];
  readonly rows: readonly (readonly string[])[];
  /**
   * Columns from the left that hold text, or for each column whether it does: the others hold numbers with
   * the same digits each.
   */
  readonly leftColumns: number | readonly boolean[];
}

/** Formats of tables for documents. */
export type DocumentFormat = 'markdown' | 'latex';

/** A table in Markdown, or as a LaTeX tabular that needs the package booktabs. */
export function documentTable(format: DocumentFormat, table: DocumentTable): string {
  return { markdown: markdownTable, latex: latexTable }[format](table);
}

/** One line per heading, as its columns share none. */
export function oneLineHeadings(head: readonly string[]): HeadingLines[] {
  return head.map((text) => ['', text]);
}

function isLeft({ leftColumns }: DocumentTable, column: number): boolean {
  return typeof leftColumns === 'number' ? column < leftColumns : leftColumns[column]!;
}

function markdownTable(table: DocumentTable): string {
  const { headings, rows } = table;
  const row = (cells: readonly string[]) => `| ${cells.map(markdownCell).join(' | ')} |`;
  const rule = headings.map((_, k) => (isLeft(table, k) ? '---' : '---:')).join('|');
  const head = headings.map((lines) => lines.filter((line) => line !== '').join(' '));
  return [row(head), `|${rule}|`, ...rows.map(row), ''].join('\n');
}

/** A text as a cell of Markdown: it ends no cell, and begins neither tag, code, emphasis nor link. */
function markdownCell(text: string): string {
  return visibleLine(text)
    .replace(/[\\|`*[\]]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\$&')
    .replace(/&(?=#?\w+;)/g, '&amp;')
    .replaceAll('<', '&lt;');
}

function latexTable(table: DocumentTable): string {
  const { headings, rows } = table;
  const columns = headings.map((_, k) => (isLeft(table, k) ? 'l' : 'r')).join('');
  return [
    '% \\usepackage{booktabs}',
    `\\begin{tabular}{@{}${columns}@{}}`,
    '\\toprule',
    ...latexHead(headings),
    '\\midrule',
    ...rows.map((cells) => latexRow(cells.map(latexCell))),
    '\\bottomrule',
    '\\end{tabular}',
    '',
  ].join('\n');
}

function latexRow(cells: readonly string[]): string {
  return `${cells.join(' & ')} \\\\`;
}

/** Neighbouring columns under one upper line. */
interface Span {
  readonly text: string;
  readonly from: number;
  readonly count: number;
}

/** The upper lines, those that columns share with a rule below, and the lower lines. */
function latexHead(headings: readonly HeadingLines[]): string[] {
  const spans: Span[] = [];
  headings.forEach(([over, under], from) => {
    const last = spans.at(-1);
    // A heading of one line stands right above its column.
    const text = under === '' ? '' : over;
    if (last !== undefined && text !== '' && text === last.text) {
      spans[spans.length - 1] = { ...last, count: last.count + 1 };
    } else spans.push({ text, from, count: 1 });
  });
  const lower = latexRow(headings.map(([over, under]) => latexCell(under === '' ? over : under)));
  if (spans.every(({ text }) => text === '')) return [lower];
  const upper = spans.map(({ text, count }) =>
    count === 1 ? latexCell(text) : `\\multicolumn{${count}}{c}{${latexCell(text)}}`,
  );
  const rules = spans
    .filter(({ count }) => count > 1)
    .map(({ from, count }) => `\\cmidrule(lr){${from + 1}-${from + count}}`);
  return [latexRow(upper), ...(rules.length === 0 ? [] : [rules.join(' ')]), lower];
}

/** Characters that LaTeX acts on, that its usual fonts lack, or that end a row's optional argument. */
const LATEX: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '%': '\\%',
  '#': '\\#',
  _: '\\_',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '$<$',
  '>': '$>$',
  '|': '$|$',
  '[': '{[}',
  '*': '{*}',
  '"': "''",
  '—': '---',
  '–': '--',
  '…': '\\ldots{}',
  '−': '$-$',
  '×': '$\\times$',
  '±': '$\\pm$',
  '·': '$\\cdot$',
  '′': "$'$",
  '≤': '$\\le$',
  '≥': '$\\ge$',
  '→': '$\\to$',
  '≈': '$\\approx$',
  µ: '$\\mu$',
  '\u00a0': '~',
  '\u202f': '\\,',
};

/** A text as a cell of a LaTeX table; the sign of a negative number is a minus. */
function latexCell(text: string): string {
  return visibleLine(text)
    .replace(/(?<![\p{L}\p{N}])-(?=\d)/gu, '−')
    .replace(/./gsu, (character) =>
      Object.hasOwn(LATEX, character) ? LATEX[character]! : character,
    );
}
