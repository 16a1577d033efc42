import type { ComparedCase, ComparedMetric, Comparison } from '../../judge/comparison.js';
import { visibleLine } from '../../../src/visible.js';
import { escapeMarkdown } from '../escape.js';
import { fixed } from '../numbers.js';
import { documentTable, oneLineHeadings } from './document-table.js';
import { plainTable } from './plain-table.js';
import { wrapped } from './wrapped.js';
import { DISTANCE_TIMES, type MeanDistance } from '../../judge/distances.js';

/** The subject of a comparison. */
export interface ComparisonHeading {
  readonly base: string;
  readonly candidate: string;
  readonly suite: string;
  /** Whether planning was timed: a stored base was not. */
  readonly isTimed: boolean;
}

/** Cases are named up to here; the rest is counted. */
const MOST_CASES = 10;
/** Most rows of the table of cases: pull requests limit the length of text. */
const MOST_ROWS = 40;

/** A comparison for a terminal: the verdict first, at most 80 columns; cases are left to the others. */
export function comparisonText(heading: ComparisonHeading, comparison: Comparison): string {
  const { metrics } = comparison;
  const remarks = comparisonRemarks(heading, comparison).flatMap(({ warning, text }) =>
    wrapped(warning === undefined ? text : `${warning} ${text}`),
  );
  return [
    ...wrapped(verdictLine(heading, comparison)),
    '',
    ...wrapped(reasonLine(heading, comparison)),
    '',
    ...(metrics.length === 0 ? [] : [plainTable(METRIC_HEAD, metrics.map(metricCells)), '']),
    ...remarks,
    '',
    ...wrapped('--format markdown shows every case, --report makes a page of them.'),
    '',
  ].join('\n');
}

function verdictLine({ base, candidate }: ComparisonHeading, { verdict }: Comparison): string {
  return `${candidate} against ${base}: ${verdict}`;
}

function reasonLine({ suite }: ComparisonHeading, { reason, cases }: Comparison): string {
  return `${capital(reason)}. ${cases.length} cases of the suite ${suite}, both planners simulated at the same times.`;
}

/** A comparison as Markdown, to paste into a pull request. */
export function comparisonMarkdown(heading: ComparisonHeading, comparison: Comparison): string {
  const { metrics, cases } = comparison;
  return [
    `## ${escapeMarkdown(verdictLine(heading, comparison))}`,
    '',
    reasonLine(heading, comparison),
    '',
    ...(metrics.length === 0
      ? []
      : [row(METRIC_HEAD), '|---|---:|---:|---:|---:|---|', ...metrics.map(metricRow), '']),
    ...comparisonRemarks(heading, comparison).map(
      ({ warning, text }) =>
        `- ${warning === undefined ? '' : `**${warning}** `}${escapeMarkdown(text)}`,
    ),
    '',
    ...caseTable(heading, cases),
  ].join('\n');
}

/** A line about a comparison. */
export interface Remark {
  /** Begins the line, and is to be emphasised. */
  readonly warning?: string;
  readonly text: string;
}

/** Distances to the optimum, planning times, and the cases worth a look. */
export function comparisonRemarks(heading: ComparisonHeading, comparison: Comparison): Remark[] {
  return [
    ...comparison.distances.map((distance) => ({ text: distanceLine(heading, distance) })),
    { text: planningTimes(heading, comparison) },
    ...notable(comparison),
  ];
}

/** Headings of `metricCells`. */
export const METRIC_HEAD: readonly string[] = [
  'figure',
  'mean difference',
  '95 % interval',
  'p',
  'lower / equal / higher',
  'verdict',
];

function metricRow(metric: ComparedMetric): string {
  return row(metricCells(metric));
}

/** One figure of a comparison. */
export function metricCells(metric: ComparedMetric): string[] {
  const { meanPct, interval, pValue, lower, equal, higher, verdict } = metric;
  const p = pValue < 0.001 ? '< 0.001' : pValue.toFixed(3);
  return [
    metric.metric,
    signed(meanPct),
    `${signed(interval.low)} … ${signed(interval.high)}`,
    p,
    `${lower} / ${equal} / ${higher}`,
    verdict,
  ];
}

const BOUNDS = { least: 'the least possible', best: 'the best choice of clocks' } as const;

function distanceLine(
  { base, candidate }: ComparisonHeading,
  { at, kind, cases, meanPct }: MeanDistance,
): string {
  const [ofBase, ofCandidate] = meanPct;
  return `at ${at}, energy above ${BOUNDS[kind]}: ${base} ${fixed(ofBase, 3)} %, ${candidate} ${fixed(ofCandidate, 3)} % (mean of ${cases} cases)`;
}

function planningTimes(
  { base, candidate, isTimed }: ComparisonHeading,
  { basePlanningS, candidatePlanningS }: Comparison,
): string {
  if (!isTimed) return `planning: ${candidate} ${seconds(candidatePlanningS)} in all`;
  return `planning: ${base} ${seconds(basePlanningS)}, ${candidate} ${seconds(candidatePlanningS)} in all`;
}

/** Cases in which a planner is broken, or the candidate worse or unrepeatable, worst first. */
function notable({ cases }: Comparison): Remark[] {
  const broken = cases.flatMap(({ name, broken: why }) =>
    why === undefined ? [] : [{ warning: 'broken', text: `in "${name}": ${why}` }],
  );
  const baseBroken = cases.flatMap(({ name, baseBroken: why }) =>
    why === undefined ? [] : [{ text: `the base is broken in "${name}": ${why}` }],
  );
  const unrepeatable = cases.flatMap(({ name, unrepeatable: how }) =>
    how === undefined ? [] : [{ warning: 'not repeatable', text: `in "${name}": ${how}` }],
  );
  const worse = cases
    .map((one) => ({ name: one.name, ...worstOf(one) }))
    .filter(({ pct }) => pct > 0)
    .sort((a, b) => b.pct - a.pct)
    .map(({ name, metric, pct }) => ({ text: `worse in "${name}": ${metric} ${signed(pct)}` }));
  return [broken, baseBroken, unrepeatable, worse].flatMap(firstFew);
}

function firstFew(remarks: readonly Remark[]): Remark[] {
  const more = remarks.length - MOST_CASES;
  if (more <= 0) return [...remarks];
  return [...remarks.slice(0, MOST_CASES), { text: `… and ${more} more` }];
}

function worstOf({ differencePct }: ComparedCase): { metric: string; pct: number } {
  return Object.entries(differencePct).reduce(
    (worst, [metric, pct]) => (pct > worst.pct ? { metric, pct } : worst),
    { metric: '', pct: -Infinity },
  );
}

/** All cases, folded up; if there are many, those that differ most. */
function caseTable({ isTimed }: ComparisonHeading, cases: readonly ComparedCase[]): string[] {
  const size = ({ verdict, differencePct }: ComparedCase) =>
    verdict === 'broken' ? Infinity : Math.max(0, ...Object.values(differencePct).map(Math.abs));
  const isCut = cases.length > MOST_ROWS;
  const shown = isCut ? [...cases].sort((a, b) => size(b) - size(a)).slice(0, MOST_ROWS) : cases;
  const summary = isCut
    ? `The ${MOST_ROWS} of ${cases.length} cases that differ most (\`--format json\` has all)`
    : 'Every case';
  const { head, rows } = caseCells(shown, isTimed);
  return [
    `<details><summary>${summary}</summary>`,
    '',
    row(head),
    row(head.map((_, k) => (k < 2 ? '---' : '---:'))),
    ...rows.map(row),
    '',
    '</details>',
    '',
  ];
}

/** Headings and rows of a table of cases. */
export function caseCells(
  cases: readonly ComparedCase[],
  isTimed: boolean,
): { head: string[]; rows: string[][] } {
  const metrics = [...new Set(cases.flatMap(({ differencePct }) => Object.keys(differencePct)))];
  const head = [
    'case',
    'verdict',
    ...metrics.map((metric) =>
      metric.replace('energy at ', 'E at ').replace(' the least time', ''),
    ),
    ...DISTANCE_TIMES.map((at) => `above least at ${at.replace(' of the least time', '')}`),
    'planning, s',
  ];
  return { head, rows: cases.map((one) => caseRow(one, metrics, isTimed)) };
}

function caseRow(one: ComparedCase, metrics: readonly string[], isTimed: boolean): string[] {
  const { name, verdict, differencePct, distances, planningS } = one;
  const difference = (metric: string) => {
    const pct = differencePct[metric];
    return pct === undefined ? '' : signed(pct);
  };
  const distance = (at: string) => {
    const found = distances.find((each) => each.at === at)?.aboveLeastPct;
    return found === undefined ? '' : found.map((pct) => pct.toFixed(3)).join(' → ');
  };
  const planning = (isTimed ? planningS : planningS?.slice(1)) ?? [];
  return [
    name,
    verdict,
    ...metrics.map(difference),
    ...DISTANCE_TIMES.map(distance),
    planning.map((timeS) => timeS.toPrecision(2)).join(' → '),
  ];
}

/** The figures of a comparison as a LaTeX table, with the verdict above it. */
export function comparisonLatex(heading: ComparisonHeading, comparison: Comparison): string {
  const { metrics, cases } = comparison;
  const title = `${verdictLine(heading, comparison)}; ${cases.length} cases of the suite ${heading.suite}`;
  const table = {
    headings: oneLineHeadings(METRIC_HEAD),
    rows: metrics.map(metricCells),
    leftColumns: 1,
  };
  return `% ${visibleLine(title)}\n${documentTable('latex', table)}`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => visibleLine(cell).replaceAll('|', '\\|')).join(' | ')} |`;
}

function signed(pct: number): string {
  return `${pct > 0 ? '+' : pct < 0 ? '−' : ''}${Math.abs(pct).toFixed(3)} %`;
}

function seconds(timeS: number): string {
  return `${timeS.toPrecision(3)} s`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
