import type { ComparedMetric, Comparison } from '../judge/comparison.js';

/** What a comparison was of. */
export interface ComparisonHeading {
  readonly base: string;
  readonly candidate: string;
  readonly suite: string;
  /** Mean over cases, percent above the least possible energy; per deadline factor. */
  readonly distances: readonly {
    readonly factor: number;
    readonly cases: number;
    readonly basePct: number;
    readonly candidatePct: number;
  }[];
  /** Whether planning was timed: a stored base was not. */
  readonly isTimed: boolean;
}

/** Cases are named up to here; the rest is counted. */
const MOST_CASES = 10;

/** A comparison as Markdown, to paste into a pull request. */
export function comparisonMarkdown(heading: ComparisonHeading, comparison: Comparison): string {
  const { base, candidate, suite, distances } = heading;
  const { verdict, reason, metrics, cases } = comparison;
  return [
    `## ${candidate} against ${base}: ${verdict}`,
    '',
    `${capital(reason)}. ${cases.length} cases of the suite \`${suite}\`, both planners simulated at the same times.`,
    '',
    '| figure | mean difference | 95 % interval | p | lower / equal / higher | verdict |',
    '|---|---:|---:|---:|---:|---|',
    ...metrics.map(metricRow),
    '',
    ...distances.map(
      ({ factor, cases: count, basePct, candidatePct }) =>
        `- at ${factor} of the least time, energy above the least possible: ${base} ${basePct.toFixed(3)} %, ${candidate} ${candidatePct.toFixed(3)} % (mean of ${count} cases)`,
    ),
    ...planningTimes(heading, comparison),
    ...notable(comparison),
    '',
  ].join('\n');
}

function planningTimes(
  { base, candidate, isTimed }: ComparisonHeading,
  { basePlanningS, candidatePlanningS }: Comparison,
): string[] {
  if (!isTimed) return [`- planning: ${candidate} ${seconds(candidatePlanningS)} in all`];
  return [
    `- planning: ${base} ${seconds(basePlanningS)}, ${candidate} ${seconds(candidatePlanningS)} in all`,
  ];
}

function metricRow(metric: ComparedMetric): string {
  const { meanPct, interval, pValue, lower, equal, higher, verdict } = metric;
  const p = pValue < 0.001 ? '< 0.001' : pValue.toFixed(3);
  const cells = [
    metric.metric,
    signed(meanPct),
    `${signed(interval.low)} … ${signed(interval.high)}`,
    p,
    `${lower} / ${equal} / ${higher}`,
    verdict,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Cases in which the candidate is broken or worse, worst first. */
function notable({ cases }: Comparison): string[] {
  const broken = cases.flatMap(({ name, broken: why }) =>
    why === undefined ? [] : [`- **broken** in "${name}": ${why}`],
  );
  const worse = cases
    .flatMap(({ name, differencePct }) => {
      const [metric, pct] = Object.entries(differencePct).reduce(
        (worst, one) => (one[1] > worst[1] ? one : worst),
        ['', 0],
      );
      return pct > 0 ? [{ name, metric, pct }] : [];
    })
    .sort((a, b) => b.pct - a.pct)
    .map(({ name, metric, pct }) => `- worse in "${name}": ${metric} ${signed(pct)}`);
  const all = [...broken, ...worse];
  const more = all.length - MOST_CASES;
  return more > 0 ? [...all.slice(0, MOST_CASES), `- … and ${more} more`] : all;
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
