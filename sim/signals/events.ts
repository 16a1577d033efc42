import { billOf, type Course, type JobChoice } from './course.js';
import type { Horizon } from './horizon.js';
import type { Objective } from './objective.js';
import {
  allPoints,
  choicesAt,
  courseOfLeastCost,
  withinCaps,
  type ChoicesOf,
  type Priced,
  type ScheduledJob,
} from './strategies.js';

/** Slowdowns that the usual tiers of jobs allow while a request of the grid lasts, percent. */
export const FLEX_TIERS = [0, 10, 25, 50] as const;

/** A job's answer to the requests of the grid: what it gives, and what it loses. */
export interface EventAnswer extends Priced {
  readonly flexPct: number;
  readonly given: readonly EventGiven[];
}

/** A job's answer to one request. */
export interface EventGiven {
  /** Mean power that is paid for, without the request and with it. */
  readonly plainW: number;
  readonly answeredW: number;
  readonly askedPct: number;
  readonly givenPct: number;
  /** By how much fewer iterations it does meanwhile; 0 if it does none anyway. */
  readonly slowerPct: number;
  /** Iterations that it does at another time, or not at all. */
  readonly movedIterations: number;
}

/** The requests of a schedule, by the number of each. */
export interface Requests {
  readonly cutPct: readonly number[];
}

/**
 * The schedule of least cost that answers the requests of the grid as far as the job's flexibility
 * allows. In each interval of a request, its power is to fall by the percentage asked for, below what
 * it would be without the request, and its pace by no more than it may be slowed down. Where both
 * cannot be, it gives as much as its pace allows.
 *
 * @param plain the course without the requests.
 */
export function answered(
  job: ScheduledJob,
  horizon: Horizon,
  objective: Objective,
  plain: Course,
  { cutPct }: Requests,
  flexPct: number,
): EventAnswer {
  const before = ofIntervals(plain, horizon);
  const all = choicesAt(job, allPoints(job.points));
  const free = withinCaps(horizon, all);
  const restricted = new Map<number, readonly JobChoice[]>();
  for (const [k, { event }] of horizon.intervals.entries()) {
    if (event === undefined) continue;
    const { powerW, rate } = before[k]!;
    const targetW = powerW * (1 - cutPct[event]! / 100);
    restricted.set(k, allowed(job, free(k), targetW, rate * (1 - flexPct / 100)));
  }
  const choicesOf: ChoicesOf = (k) => restricted.get(k) ?? free(k);
  const course = courseOfLeastCost(job, horizon, objective, choicesOf);
  const after = ofIntervals(course, horizon);
  const given = horizon.events.map((_, event) =>
    givenIn(event, horizon, before, after, cutPct[event]!),
  );
  return { flexPct, course, bill: billOf(course, horizon, objective), given };
}

/** Rates and powers are met if only rounding misses them. */
const ROUNDING = 1e-9;

/** Choices below a power and no slower than a rate, or the one closest to it. */
function allowed(
  { after, pause }: ScheduledJob,
  choices: readonly JobChoice[],
  mostW: number,
  leastRate: number,
): readonly JobChoice[] {
  // A job that is done, or would wait, has nothing to give, and may take nothing more.
  if (leastRate <= 0) {
    const quiet = choices.filter(({ powerW }) => powerW <= mostW * (1 + ROUNDING));
    const rests = [pause, after].filter(({ powerW }) => powerW <= mostW * (1 + ROUNDING));
    return quiet.length > 0
      ? quiet
      : rests.length > 0
        ? rests.slice(0, 1)
        : [lowest([pause, after])];
  }
  const quick = choices.filter(({ rate }) => rate >= leastRate * (1 - ROUNDING));
  const low = quick.filter(({ powerW }) => powerW <= mostW * (1 + ROUNDING));
  if (low.length > 0) return low;
  return quick.length > 0 ? [lowest(quick)] : [fastestOf(choices)];
}

function lowest(choices: readonly JobChoice[]): JobChoice {
  return choices.reduce((best, choice) => (choice.powerW < best.powerW ? choice : best));
}

function fastestOf(choices: readonly JobChoice[]): JobChoice {
  return choices.reduce((best, choice) => (choice.rate > best.rate ? choice : best));
}

/** Means over an interval. */
interface Mean {
  readonly powerW: number;
  readonly rate: number;
}

/** Means of a course in each interval. */
function ofIntervals({ segments }: Course, { intervals }: Horizon): readonly Mean[] {
  const sums = intervals.map(() => ({ energyJ: 0, iterations: 0 }));
  for (const { interval, fromS, untilS, choice } of segments) {
    sums[interval]!.energyJ += choice.powerW * (untilS - fromS);
    sums[interval]!.iterations += choice.rate * (untilS - fromS);
  }
  return sums.map(({ energyJ, iterations }, k) => {
    const lengthS = intervals[k]!.untilS - intervals[k]!.fromS;
    return { powerW: energyJ / lengthS, rate: iterations / lengthS };
  });
}

function givenIn(
  event: number,
  { intervals }: Horizon,
  before: readonly Mean[],
  after: readonly Mean[],
  askedPct: number,
): EventGiven {
  let [timeS, plainJ, answeredJ, plainDone, answeredDone] = [0, 0, 0, 0, 0];
  for (const [k, interval] of intervals.entries()) {
    if (interval.event !== event) continue;
    const lengthS = interval.untilS - interval.fromS;
    timeS += lengthS;
    plainJ += before[k]!.powerW * lengthS;
    answeredJ += after[k]!.powerW * lengthS;
    plainDone += before[k]!.rate * lengthS;
    answeredDone += after[k]!.rate * lengthS;
  }
  const lessPct = (less: number, than: number) => (than === 0 ? 0 : 100 * (1 - less / than));
  return {
    ...{ plainW: plainJ / timeS, answeredW: answeredJ / timeS, askedPct },
    givenPct: lessPct(answeredJ, plainJ),
    slowerPct: lessPct(answeredDone, plainDone),
    movedIterations: plainDone - answeredDone,
  };
}
