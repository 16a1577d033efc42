import { mean } from 'simple-statistics';
import type { CaseBounds } from './case-bounds.js';
import { energyUntil, isBroken, type Judgement, type Performance } from './judge-planner.js';

/** Multiples of the least time at which plans are compared with the bounds, besides T_min. */
const BOUND_FACTORS = [1.05, 1.2] as const;

/** The times at which distances are measured, in the order of `boundTimes`. */
export const DISTANCE_TIMES = [
  'T_min',
  ...BOUND_FACTORS.map((factor) => `${factor} of the least time`),
];

/** Base and candidate. */
export type Both = readonly [number, number];

/** The distances of two planners from the possible optimum at one time, in percent of it. */
export interface Distance {
  readonly at: string;
  /** Above the least energy with clocks mixed at will, which no plan can undercut. */
  readonly aboveLeastPct: Both;
  /** Above the best choice of clocks; absent if that is not known. */
  readonly aboveBestPct?: Both;
}

/** The mean of distances over the cases that have them. */
export interface MeanDistance {
  readonly at: string;
  readonly kind: 'least' | 'best';
  readonly cases: number;
  readonly meanPct: Both;
}

/** Times for which a case's bounds are needed; none if a planner is broken. */
export function boundTimes(base: Judgement, candidate: Judgement): number[] {
  if (isBroken(base) || isBroken(candidate)) return [];
  const meetS = Math.max(base.fastest.timeS, candidate.fastest.timeS);
  return [meetS, ...BOUND_FACTORS.map((factor) => factor * base.leastTimeS)];
}

/** Distances of a case, at the times that both planners meet. */
export function caseDistances(
  base: Performance,
  candidate: Performance,
  { leastJ, bestJ }: CaseBounds,
): Distance[] {
  return boundTimes(base, candidate).flatMap((timeS, k) => {
    const both = [energyUntil(base, timeS), energyUntil(candidate, timeS)] as const;
    if (!both.every(Number.isFinite)) return [];
    const above = (boundJ: number): Both => [
      100 * (both[0] / boundJ - 1),
      100 * (both[1] / boundJ - 1),
    ];
    return [
      {
        at: DISTANCE_TIMES[k]!,
        aboveLeastPct: above(leastJ[k]!),
        ...(bestJ === undefined ? {} : { aboveBestPct: above(bestJ[k]!) }),
      },
    ];
  });
}

/** Means over cases, for every time and bound that any case has. */
export function meanDistances(cases: readonly (readonly Distance[])[]): MeanDistance[] {
  const all = cases.flat();
  return DISTANCE_TIMES.flatMap((at) => {
    const here = all.filter((distance) => distance.at === at);
    return [
      ...meanOf(
        at,
        'least',
        here.map(({ aboveLeastPct }) => aboveLeastPct),
      ),
      ...meanOf(
        at,
        'best',
        here.flatMap(({ aboveBestPct }) => (aboveBestPct === undefined ? [] : [aboveBestPct])),
      ),
    ];
  });
}

function meanOf(at: string, kind: MeanDistance['kind'], pairs: readonly Both[]): MeanDistance[] {
  if (pairs.length === 0) return [];
  const side = (k: 0 | 1) => mean(pairs.map((pair) => pair[k]));
  return [{ at, kind, cases: pairs.length, meanPct: [side(0), side(1)] }];
}
