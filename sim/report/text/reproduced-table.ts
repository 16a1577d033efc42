import { groupBy } from '../../../src/groups.js';
import { agreement, gainsOfLater, LATER, type ReproducedFigure } from '../../paper/reproduced.js';
import { toCsv } from '../../results/csv.js';
import { documentTable, oneLineHeadings, type DocumentTable } from './document-table.js';

/** The text above a reproduced table. */
export interface TableText {
  readonly name: string;
  readonly title: string;
  readonly remarks: readonly string[];
}

/** Rows of a Markdown table are worth reading up to here; the CSV has them all. */
const MOST_ROWS = 130;

const HEAD: readonly string[] = [
  'job',
  'system',
  'figure',
  'published %',
  'planned %',
  'difference',
  'simulated %',
  'difference',
  'simulated − planned',
];

/** The remark on deadlines slightly later than T_min. */
const LATER_REMARK =
  "Savings at exactly T_min are hypersensitive: critical paths run at the highest clocks there, where a clock step costs the most energy for the least time, so that 0.1 % of time, which is less than steps of a real job scatter by, is worth some tenths of a point, and 0.25 % up to more than a point. The last columns have the plans for deadlines 1.001 and 1.0025 times as late (as T_min, or as the straggler's T'), counted against the same highest clocks.";

/** Headings of the table: two more where figures have later deadlines. */
export function reproducedHead(figures: readonly ReproducedFigure[]): string[] {
  return [
    ...HEAD,
    ...(hasLater(figures) ? LATER.map((factor) => `planned, simulated % at × ${factor}`) : []),
  ];
}

function hasLater(figures: readonly ReproducedFigure[]): boolean {
  return figures.some(({ later }) => later !== undefined);
}

/**
 * The published figures beside ours, with the differences, as Markdown.
 *
 * @param counted those that the summary counts.
 */
export function reproducedMarkdown(
  text: TableText,
  figures: readonly ReproducedFigure[],
  counted: readonly ReproducedFigure[],
): string {
  const table =
    figures.length > MOST_ROWS || figures.length === 0
      ? seeCsv(text, figures)
      : documentTable('markdown', ofFigures(figures));
  return [
    `# ${text.title}`,
    '',
    ...remarksOf(text, figures).flatMap((remark) => [remark, '']),
    ...summaries(counted).map((line) => `- ${line}`),
    `- ${promiseGap(counted)}`,
    '',
    table,
  ].join('\n');
}

/** The published figures beside ours, with the differences, for LaTeX. */
export function reproducedLatex(text: TableText, figures: readonly ReproducedFigure[]): string {
  const table =
    figures.length > MOST_ROWS
      ? `% ${seeCsv(text, figures)}`
      : documentTable('latex', ofFigures(figures));
  return `% ${text.title}\n${table}`;
}

function ofFigures(figures: readonly ReproducedFigure[]): DocumentTable {
  const head = reproducedHead(figures);
  const rows = figures.map((figure) => reproducedCells(figure, head.length));
  return { headings: oneLineHeadings(head), rows, leftColumns: 3 };
}

/** The place of a table that is too long for a document. */
function seeCsv({ name }: TableText, figures: readonly ReproducedFigure[]): string {
  return `${figures.length} figures: see \`${name}.csv\`.\n`;
}

/** The text above a table: its remarks, and the purpose of its later deadlines. */
export function remarksOf(text: TableText, figures: readonly ReproducedFigure[]): string[] {
  return [...text.remarks, ...(hasLater(figures) ? [LATER_REMARK] : [])];
}

/** The same figures as CSV. */
export function reproducedCsv(figures: readonly ReproducedFigure[]): string {
  const isLater = hasLater(figures);
  return toCsv(
    figures.map((figure) => ({
      workload_id: figure.workloadId,
      microbatches: figure.microbatches,
      straggler_slowdown: figure.slowdown,
      system: figure.system,
      metric: figure.metric,
      published_pct: round(figure.valuePct),
      planned_pct: round(figure.plannedPct),
      simulated_pct: round(figure.simulatedPct),
      ...(isLater && laterColumns(figure)),
    })),
  );
}

function laterColumns({ later }: ReproducedFigure): Record<string, number | null> {
  return Object.fromEntries(
    LATER.flatMap((factor, k): [string, number | null][] => {
      const at = later?.[k];
      return [
        [`planned_pct_at_${factor}`, at === undefined ? null : round(at.plannedPct)],
        [`simulated_pct_at_${factor}`, at === undefined ? null : round(at.simulatedPct)],
      ];
    }),
  );
}

/** A sentence on the differences between the planner's promise and its discrete clocks. */
function promiseGap(figures: readonly ReproducedFigure[]): string {
  const gap = (figure: ReproducedFigure) => Math.abs(figure.simulatedPct - figure.plannedPct);
  const mean = figures.reduce((sum, figure) => sum + gap(figure), 0) / figures.length;
  const widest = figures.reduce((a, b) => (gap(b) > gap(a) ? b : a));
  return `simulated differs from planned by ${mean.toFixed(2)} points on average, most (${gap(widest).toFixed(2)}) for ${widest.system} on ${widest.workloadId} × ${widest.microbatches}, ${widest.metric}`;
}

/**
 * One line per system and metric: how many figures agree, the mean and the worst difference; and
 * one on what later deadlines save.
 */
export function summaries(figures: readonly ReproducedFigure[]): string[] {
  const groups = groupBy(
    figures,
    ({ system, metric }) => `${system}, ${metric.replaceAll('_', ' ').replace(' pct', '')}`,
  );
  return [...groups].flatMap(([key, members]) => {
    const { figures: count, within, planned, simulated } = agreement(members);
    const counts = (which: 'planned' | 'simulated') =>
      within.map((entry) => `${entry[which]} within ${entry.points}`).join(', ');
    return [
      `${key}: of ${count}, planned ${counts('planned')} (mean ${planned.mean.toFixed(2)}, worst ${planned.worst.toFixed(2)}); simulated ${counts('simulated')} points (mean ${simulated.mean.toFixed(2)}, worst ${simulated.worst.toFixed(2)})`,
      ...laterSummary(key, members),
    ];
  });
}

function laterSummary(key: string, figures: readonly ReproducedFigure[]): string[] {
  if (!hasLater(figures) || figures.some(({ metric }) => metric === 'slowdown_pct')) return [];
  const gains = LATER.map((factor, k) => {
    const { mean, worst } = gainsOfLater(figures, k);
    return `× ${factor} saves ${mean.toFixed(2)} points more on average, ${worst.toFixed(2)} at most`;
  });
  return [`${key}, simulated, a deadline ${gains.join('; ')}`];
}

/** A row of the table, with as many cells as its head. */
export function reproducedCells(figure: ReproducedFigure, columns: number): string[] {
  const { valuePct, plannedPct, simulatedPct, later = [] } = figure;
  const signed = (value: number) => (round(value) > 0 ? '+' : '') + round(value).toFixed(2);
  const cells = [
    `${figure.workloadId} × ${figure.microbatches}`,
    figure.system,
    figure.slowdown === 1 ? figure.metric : `${figure.metric} at T'/T = ${figure.slowdown}`,
    valuePct.toFixed(2),
    plannedPct.toFixed(2),
    signed(plannedPct - valuePct),
    simulatedPct.toFixed(2),
    signed(simulatedPct - valuePct),
    signed(simulatedPct - plannedPct),
    ...later.map((at) => `${at.plannedPct.toFixed(2)}, ${at.simulatedPct.toFixed(2)}`),
  ];
  return [...cells, ...Array.from({ length: columns - cells.length }, () => '')];
}

/** Two decimals: the last bits of logarithms differ between engines. */
function round(value: number): number {
  return Number(value.toFixed(2)) + 0;
}
