import type { Course } from './course.js';
import type { Horizon, Interval } from './horizon.js';

/** A job's hour, or a longer time. */
export interface Hour {
  readonly fromS: number;
  readonly untilS: number;
  /** Means over its time. */
  readonly pricePerMWh: number | undefined;
  readonly carbonGPerKWh: number | undefined;
  readonly paidW: number;
  /** The lowest limit in it. */
  readonly capW: number;
  readonly isEvent: boolean;
  readonly iterations: number;
  /** Time in which it computes. */
  readonly computingS: number;
}

const HOUR_S = 3600;
const DAY_S = 86_400;
/** Longer schedules are shown by the day. */
const MOST_HOURS = 8 * 24;

/** A course by the hour, or by the day if it is long; intervals that are longer stay whole. */
export function hoursOf({ segments }: Course, horizon: Horizon): readonly Hour[] {
  const sizeS = horizon.durationS > MOST_HOURS * HOUR_S ? DAY_S : HOUR_S;
  const groups = groupsOf(horizon.intervals, sizeS);
  const sums = groups.map(() => ({ paidJ: 0, iterations: 0, computingS: 0 }));
  const groupOf = new Map(groups.flatMap((group, k) => group.map((interval) => [interval, k])));
  for (const { interval, fromS, untilS, choice } of segments) {
    const sum = sums[groupOf.get(horizon.intervals[interval]!)!]!;
    sum.paidJ += choice.powerW * (untilS - fromS);
    sum.iterations += choice.rate * (untilS - fromS);
    sum.computingS += choice.rate > 0 ? untilS - fromS : 0;
  }
  return groups.map((group, k): Hour => {
    const { paidJ, iterations, computingS } = sums[k]!;
    const [first, last] = [group[0]!, group.at(-1)!];
    const lengthS = last.untilS - first.fromS;
    const mean = (of: (interval: Interval) => number | undefined) => {
      const all = group.map(
        (interval) => (of(interval) ?? NaN) * (interval.untilS - interval.fromS),
      );
      const sum = all.reduce((total, one) => total + one, 0) / lengthS;
      return Number.isNaN(sum) ? undefined : sum;
    };
    return {
      ...{ fromS: first.fromS, untilS: last.untilS, iterations, computingS },
      pricePerMWh: mean(({ pricePerMWh }) => pricePerMWh),
      carbonGPerKWh: mean(({ carbonGPerKWh }) => carbonGPerKWh),
      paidW: paidJ / lengthS,
      capW: Math.min(...group.map(({ capW }) => capW)),
      isEvent: group.some(({ event }) => event !== undefined),
    };
  });
}

function groupsOf(intervals: readonly Interval[], sizeS: number): readonly (readonly Interval[])[] {
  const groups: Interval[][] = [];
  for (const interval of intervals) {
    const last = groups.at(-1);
    if (last === undefined || last.at(-1)!.untilS - last[0]!.fromS >= sizeS - 1) {
      groups.push([interval]);
    } else last.push(interval);
  }
  return groups;
}
