import { mean } from 'simple-statistics';
import { bootstrapInterval, type Interval } from '../run/bootstrap.js';
import type { CaseBounds } from './case-bounds.js';
import {
  caseDistances,
  meanDistances,
  type Both,
  type Distance,
  type MeanDistance,
} from './distances.js';
import {
  DEADLINE_FACTORS,
  energyUntil,
  isBroken,
  type Judgement,
  type Performance,
} from './judge-planner.js';
import { holm, pairedPermutationTest } from './permutation-test.js';

export type Verdict = 'better' | 'same' | 'worse' | 'broken';

/**
 * One figure over all cases: the candidate against the base, in percent of the base's; less is
 * better.
 */
export interface ComparedMetric {
  readonly metric: string;
  readonly meanPct: number;
  /** 95 %, by bootstrap over cases. */
  readonly interval: Interval;
  /** Of the paired permutation test, corrected for the number of metrics. */
  readonly pValue: number;
  readonly verdict: Exclude<Verdict, 'broken'>;
  /** The number of cases in which it is lower, equal, higher. */
  readonly lower: number;
  readonly equal: number;
  readonly higher: number;
}

/** One case of a comparison. */
export interface ComparedCase {
  readonly name: string;
  readonly verdict: Verdict;
  /** The reason why the candidate is broken. */
  readonly broken?: string;
  /** The reason why the base is broken. */
  readonly baseBroken?: string;
  /** The difference in the candidate's answer when asked the same again. */
  readonly unrepeatable?: string;
  /** Per metric, in percent of the base's; NaN if a planner cannot be judged. */
  readonly differencePct: Readonly<Record<string, number>>;
  /** Distance from the least energies, at the times at which these are known. */
  readonly distances: readonly Distance[];
  /** Base and candidate; absent if one is broken. */
  readonly planningS?: Both;
}

/** A candidate judged against a base. */
export interface Comparison {
  readonly verdict: Verdict;
  /** The reason, in a sentence. */
  readonly reason: string;
  readonly metrics: readonly ComparedMetric[];
  readonly cases: readonly ComparedCase[];
  readonly distances: readonly MeanDistance[];
  /** Sums over all cases. */
  readonly basePlanningS: number;
  readonly candidatePlanningS: number;
}

/** Parameters of the judgement. */
export interface ComparisonRules {
  readonly seed: number;
  /** Significance level of the test. */
  readonly level?: number;
  /**
   * A single case worse than this is a regression, whatever the mean is. Planners that differ only
   * by noise differ by several percent in pipelines of a few instructions.
   */
  readonly regressionPct?: number;
}

/** Differences below this are rounding errors. */
const ROUNDING_PCT = 1e-7;

const AREA = 'area under the frontier';
const TIME = 'T_min';
const AT_T_MIN = 'energy at T_min';
const METRICS = [TIME, AT_T_MIN, ...DEADLINE_FACTORS.map(deadlineName), AREA];

function deadlineName(factor: number): string {
  return `energy at ${factor} of the least time`;
}

/**
 * Judges a candidate against a base by the results of both in the same cases.
 * @param base and candidate in the same order.
 * @param bounds of the cases, at the times of `boundTimes`; undefined for those that have none.
 */
export function comparePlanners(
  base: readonly Judgement[],
  candidate: readonly Judgement[],
  { seed, level = 0.05, regressionPct = 25 }: ComparisonRules,
  bounds: readonly (CaseBounds | undefined)[] = [],
): Comparison {
  const cases = candidate.map((judged, k) => compareCase(base[k]!, judged, bounds[k]));
  const metrics = compareMetrics(cases, seed, level);
  const planningS = (all: readonly Judgement[]) =>
    all.reduce((sum, judged) => sum + (isBroken(judged) ? 0 : judged.planningTimeS), 0);
  return {
    ...overall(cases, metrics, regressionPct),
    metrics,
    cases,
    distances: meanDistances(cases.map(({ distances }) => distances)),
    basePlanningS: planningS(base),
    candidatePlanningS: planningS(candidate),
  };
}

function compareCase(
  base: Judgement,
  candidate: Judgement,
  bounds: CaseBounds | undefined,
): ComparedCase {
  const { name } = candidate;
  const nothing = { differencePct: {}, distances: [] };
  if (isBroken(candidate)) {
    return { name, verdict: 'broken', broken: candidate.broken, ...nothing };
  }
  // Against a base that fails, any candidate that works is better.
  if (isBroken(base)) return { name, verdict: 'better', baseBroken: base.broken, ...nothing };
  const differencePct = differences(base, candidate);
  const values = Object.values(differencePct);
  const verdict = values.some((d) => d > ROUNDING_PCT)
    ? 'worse'
    : values.some((d) => d < -ROUNDING_PCT)
      ? 'better'
      : 'same';
  const { unrepeatable } = candidate;
  return {
    name,
    verdict,
    ...(unrepeatable === undefined ? {} : { unrepeatable }),
    differencePct,
    distances: bounds === undefined ? [] : caseDistances(base, candidate, bounds),
    planningS: [base.planningTimeS, candidate.planningTimeS],
  };
}

function differences(base: Performance, candidate: Performance): Record<string, number> {
  const meetS = Math.max(base.fastest.timeS, candidate.fastest.timeS);
  const timesS = [meetS, ...DEADLINE_FACTORS.map((factor) => factor * base.leastTimeS)];
  const both = timesS.map((timeS) => [energyUntil(base, timeS), energyUntil(candidate, timeS)]);
  const relative = (before: number, after: number) => {
    const pct = 100 * (after / before - 1);
    return Math.abs(pct) < ROUNDING_PCT ? 0 : pct;
  };
  const found: Record<string, number> = {
    [TIME]: relative(base.fastest.timeS, candidate.fastest.timeS),
    [AT_T_MIN]: relative(both[0]![0]!, both[0]![1]!),
  };
  DEADLINE_FACTORS.forEach((factor, k) => {
    const [before, after] = both[k + 1]!;
    // A deadline below both T_min is not informative.
    if (Number.isFinite(before) && Number.isFinite(after)) {
      found[deadlineName(factor)] = relative(before!, after!);
    }
  });
  found[AREA] = relative(area(timesS, both, 0), area(timesS, both, 1));
  return found;
}

/** By trapezoids, from the T_min that both reach to the last deadline. */
function area(timesS: readonly number[], both: readonly number[][], side: 0 | 1): number {
  const points = timesS
    .map((timeS, k) => ({ timeS, energyJ: both[k]![side]! }))
    .filter(({ timeS }, k) => k === 0 || timeS > timesS[0]!);
  if (points.length === 1) return points[0]!.energyJ;
  let sum = 0;
  for (let k = 1; k < points.length; k++) {
    const [left, right] = [points[k - 1]!, points[k]!];
    sum += ((left.energyJ + right.energyJ) / 2) * (right.timeS - left.timeS);
  }
  return sum;
}

function compareMetrics(
  cases: readonly ComparedCase[],
  seed: number,
  level: number,
): ComparedMetric[] {
  const perMetric = METRICS.map((metric) => ({
    metric,
    found: cases.map((one) => one.differencePct[metric]).filter((d) => d !== undefined),
  })).filter(({ found }) => found.length > 0);
  const corrected = holm(perMetric.map(({ found }) => pairedPermutationTest(found, seed)));
  return perMetric.map(({ metric, found }, k) => {
    const meanPct = mean(found);
    const isSignificant = corrected[k]! < level;
    return {
      metric,
      meanPct,
      interval: bootstrapInterval(found, { seed }),
      pValue: corrected[k]!,
      verdict: !isSignificant ? 'same' : meanPct < 0 ? 'better' : 'worse',
      lower: found.filter((d) => d < 0).length,
      equal: found.filter((d) => d === 0).length,
      higher: found.filter((d) => d > 0).length,
    };
  });
}

function overall(
  cases: readonly ComparedCase[],
  metrics: readonly ComparedMetric[],
  regressionPct: number,
): { verdict: Verdict; reason: string } {
  const broken = cases.filter(({ verdict }) => verdict === 'broken');
  if (broken.length > 0) {
    const [first] = broken;
    const reason = `broken in ${broken.length} of ${cases.length} cases; first "${first!.name}": ${first!.broken!}`;
    return { verdict: 'broken', reason };
  }
  const worse = metrics.find(({ verdict }) => verdict === 'worse');
  if (worse !== undefined) {
    return { verdict: 'worse', reason: `${worse.metric} is higher by ${percent(worse.meanPct)}` };
  }
  const regression = worstCase(cases);
  if (regression !== undefined && regression.pct > regressionPct) {
    const { name, metric, pct } = regression;
    return { verdict: 'worse', reason: `${metric} is higher by ${percent(pct)} in "${name}"` };
  }
  const better = metrics.find(({ verdict }) => verdict === 'better');
  if (better !== undefined) {
    const reason = `${better.metric} is lower by ${percent(-better.meanPct)}, and none is higher`;
    return { verdict: 'better', reason };
  }
  const baseFails = cases.filter(({ baseBroken }) => baseBroken !== undefined);
  if (baseFails.length > 0) {
    const [first] = baseFails;
    const reason = `it works in ${baseFails.length} of ${cases.length} cases where the base is broken; first "${first!.name}": ${first!.baseBroken!}`;
    return { verdict: 'better', reason };
  }
  return { verdict: 'same', reason: 'no difference beyond chance' };
}

function worstCase(cases: readonly ComparedCase[]) {
  const all = cases.flatMap(({ name, differencePct }) =>
    Object.entries(differencePct).map(([metric, pct]) => ({ name, metric, pct })),
  );
  return all.reduce<(typeof all)[number] | undefined>(
    (worst, one) => (worst === undefined || one.pct > worst.pct ? one : worst),
    undefined,
  );
}

function percent(pct: number): string {
  return `${pct.toPrecision(3)} %`;
}
