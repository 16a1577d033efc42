import { agreement, type ReproducedFigure } from '../studies/reproduced.js';
import { toCsv } from './csv.js';

/** What is said above a reproduced table. */
export interface TableText {
  readonly name: string;
  readonly title: string;
  readonly remarks: readonly string[];
}

/** Rows of a Markdown table are worth reading up to here; the CSV has them all. */
const MOST_ROWS = 130;

/** Headings of the table. */
export const REPRODUCED_HEAD: readonly string[] = [
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
  const shown = figures.length <= MOST_ROWS ? figures : [];
  const rows = shown.map((figure) => `| ${reproducedCells(figure).join(' | ')} |`);
  const table =
    rows.length === 0
      ? [`${figures.length} figures: see \`${text.name}.csv\`.`]
      : [`| ${REPRODUCED_HEAD.join(' | ')} |`, `|---|---|---|${'---:|'.repeat(6)}`, ...rows];
  return [
    `# ${text.title}`,
    '',
    ...text.remarks.flatMap((remark) => [remark, '']),
    ...summaries(counted).map((line) => `- ${line}`),
    `- ${promiseGap(counted)}`,
    '',
    ...table,
    '',
  ].join('\n');
}

/** The same figures as CSV. */
export function reproducedCsv(figures: readonly ReproducedFigure[]): string {
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
    })),
  );
}

/** Where the planner's promise and its discrete clocks differ, and by how much. */
function promiseGap(figures: readonly ReproducedFigure[]): string {
  const gap = (figure: ReproducedFigure) => Math.abs(figure.simulatedPct - figure.plannedPct);
  const mean = figures.reduce((sum, figure) => sum + gap(figure), 0) / figures.length;
  const widest = figures.reduce((a, b) => (gap(b) > gap(a) ? b : a));
  return `simulated differs from planned by ${mean.toFixed(2)} points on average, most (${gap(widest).toFixed(2)}) for ${widest.system} on ${widest.workloadId} × ${widest.microbatches}, ${widest.metric}`;
}

/** One line per system: how many figures agree, and the mean difference. */
export function summaries(figures: readonly ReproducedFigure[]): string[] {
  const groups = new Map<string, ReproducedFigure[]>();
  for (const figure of figures) {
    const key = `${figure.system}, ${figure.metric.replaceAll('_', ' ').replace(' pct', '')}`;
    groups.set(key, [...(groups.get(key) ?? []), figure]);
  }
  return [...groups].map(([key, members]) => {
    const { figures: count, within, plannedMean, simulatedMean } = agreement(members);
    const counts = (which: 'planned' | 'simulated') =>
      within.map((entry) => `${entry[which]} within ${entry.points}`).join(', ');
    return `${key}: of ${count}, planned ${counts('planned')} (mean ${plannedMean.toFixed(2)}); simulated ${counts('simulated')} points (mean ${simulatedMean.toFixed(2)})`;
  });
}

/** A row of the table. */
export function reproducedCells(figure: ReproducedFigure): string[] {
  const { valuePct, plannedPct, simulatedPct } = figure;
  const signed = (value: number) => (round(value) > 0 ? '+' : '') + round(value).toFixed(2);
  return [
    `${figure.workloadId} × ${figure.microbatches}`,
    figure.system,
    figure.slowdown === 1 ? figure.metric : `${figure.metric} at T'/T = ${figure.slowdown}`,
    valuePct.toFixed(2),
    plannedPct.toFixed(2),
    signed(plannedPct - valuePct),
    simulatedPct.toFixed(2),
    signed(simulatedPct - valuePct),
    signed(simulatedPct - plannedPct),
  ];
}

/** Two decimals: the last bits of logarithms differ between engines. */
function round(value: number): number {
  return Number(value.toFixed(2)) + 0;
}
