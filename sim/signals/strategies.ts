import {
  billOf,
  computing,
  CourseBuilder,
  type Bill,
  type Course,
  type JobChoice,
} from './course.js';
import type { Horizon } from './horizon.js';
import type { JobPoint, JobPoints } from './job-points.js';
import { leastCost, mostWork, type Stretch } from './least-cost.js';
import type { Objective } from './objective.js';
import { blockCourses, switchedBlocks, type Block, type SwitchedJob } from './switching.js';

/** Ways to get a job done, from today's practice to its frontier. */
export const STRATEGIES = [
  'full-clocks',
  'one-limit',
  'one-plan',
  'on-off',
  'limits-by-signals',
  'frontier-by-signals',
] as const;

export type StrategyName = (typeof STRATEGIES)[number];

/** A job that is to be scheduled. */
export interface ScheduledJob {
  readonly points: JobPoints;
  /** Iterations to be done. */
  readonly work: number;
  /** Waiting in memory. */
  readonly pause: JobChoice;
  readonly mayPause: boolean;
  /** The state of its GPUs when its work is done. */
  readonly after: JobChoice;
  /** A job that is stopped with checkpoints. */
  readonly switched: {
    readonly off: JobChoice;
    readonly switching: JobChoice;
    readonly saveS: number;
    readonly restartS: number;
  };
}

/** A course and its bill. */
export interface Priced {
  readonly course: Course;
  readonly bill: Bill;
}

/** A strategy's result; undefined if no choice of it stays within all limits. */
export type Strategies = Readonly<Record<StrategyName, Priced>>;

/** Courses of all strategies for the same work and time. */
export function allStrategies(
  job: ScheduledJob,
  horizon: Horizon,
  objective: Objective,
): Strategies {
  const { points } = job;
  const priced = (course: Course): Priced => ({ course, bill: billOf(course, horizon, objective) });
  return {
    'full-clocks': priced(steadyCourse(job, horizon, points.fullClocks)),
    'one-limit': priced(steadyCourse(job, horizon, justInTime(job, horizon, points.limits))),
    'one-plan': priced(steadyCourse(job, horizon, onePlan(job, horizon))),
    'on-off': priced(switchedCourse(job, horizon, objective)),
    'limits-by-signals': priced(cheapestCourse(job, horizon, objective, points.limits)),
    'frontier-by-signals': priced(cheapestCourse(job, horizon, objective, allPoints(points))),
  };
}

/** The frontier, and what limits for all GPUs make of the job, which go on below the frontier. */
export function allPoints({ frontier, limits, lowClocks }: JobPoints): readonly JobPoint[] {
  return [...lowClocks, ...limits, ...frontier];
}

/** Choices for an interval, of which only those count that its limits allow. */
export type ChoicesOf = (interval: number) => readonly JobChoice[];

/** Choices below a limit; those without a limit are the same list for all intervals. */
export function withinCaps(horizon: Horizon, all: readonly JobChoice[]): ChoicesOf {
  const known = new Map<number, readonly JobChoice[]>([[Infinity, all]]);
  return (interval) => {
    const { capW } = horizon.intervals[interval]!;
    const found = known.get(capW) ?? all.filter(({ powerW }) => powerW <= capW * ROUNDING);
    known.set(capW, found);
    return found;
  };
}

/** Limits are met if only rounding exceeds them. */
const ROUNDING = 1 + 1e-12;

/** The intervals as the linear program takes them. */
function stretchesOf(
  { intervals }: Horizon,
  objective: Objective,
  choicesOf: ChoicesOf,
): readonly Stretch<JobChoice>[] {
  return intervals.map((interval, k) => ({
    lengthS: interval.untilS - interval.fromS,
    costPerJ: objective(interval),
    choices: choicesOf(k),
  }));
}

/** Choices of a job at some points, and to pause if it may. */
export function choicesAt(
  { pause, mayPause }: ScheduledJob,
  points: readonly JobPoint[],
): readonly JobChoice[] {
  return [...(mayPause ? [pause] : []), ...points.map(computing)];
}

function cheapestCourse(
  job: ScheduledJob,
  horizon: Horizon,
  objective: Objective,
  points: readonly JobPoint[],
): Course {
  return courseOfLeastCost(job, horizon, objective, withinCaps(horizon, choicesAt(job, points)));
}

/** The course of least cost; if the work cannot be done, the one that does most of it. */
export function courseOfLeastCost(
  job: ScheduledJob,
  horizon: Horizon,
  objective: Objective,
  choicesOf: ChoicesOf,
): Course {
  const { work, after } = job;
  // Where nothing is allowed, the job can only wait.
  const waiting = [job.pause];
  const some: ChoicesOf = (k) => (choicesOf(k).length > 0 ? choicesOf(k) : waiting);
  const stretches = stretchesOf(horizon, objective, some);
  const builder = new CourseBuilder(horizon, work, after);
  const found = leastCost(stretches, work, after);
  for (const [k, { fromS, untilS }] of horizon.intervals.entries()) {
    if (found === undefined) {
      builder.until(untilS, fastest(some(k)));
      continue;
    }
    const [first, second] = found.allotments[k]!;
    if (second !== undefined) builder.until(fromS + first!.timeS, first!.choice);
    builder.until(untilS, (second ?? first)!.choice);
  }
  return builder.course();
}

function fastest(choices: readonly JobChoice[]): JobChoice {
  return choices.reduce((best, choice) => (choice.rate > best.rate ? choice : best));
}

/** The most iterations that any choice of points can do. */
export function mostIterations(job: ScheduledJob, horizon: Horizon): number {
  const choicesOf = withinCaps(horizon, choicesAt(job, allPoints(job.points)));
  return mostWork(stretchesOf(horizon, () => 0, choicesOf));
}

/** One point all the time; where its power is not allowed, the job waits. */
function steadyCourse(job: ScheduledJob, horizon: Horizon, point: JobPoint): Course {
  const { work, after, pause } = job;
  const builder = new CourseBuilder(horizon, work, after);
  const choice = computing(point);
  for (const { untilS, capW } of horizon.intervals) {
    builder.until(untilS, choice.powerW <= capW * ROUNDING ? choice : pause);
  }
  return builder.course();
}

/** Time in which a point may run. */
function allowedS({ intervals }: Horizon, { powerW }: JobPoint): number {
  return intervals
    .filter(({ capW }) => powerW <= capW * ROUNDING)
    .reduce((sum, { fromS, untilS }) => sum + untilS - fromS, 0);
}

/** The slowest point that does the work in time; the fastest, or the one that does most, if none does. */
function justInTime(
  { work }: ScheduledJob,
  horizon: Horizon,
  points: readonly JobPoint[],
): JobPoint {
  const doneBy = (point: JobPoint) => allowedS(horizon, point) * point.rate;
  const slowestFirst = points.toSorted((a, b) => a.rate - b.rate);
  return (
    slowestFirst.find((point) => doneBy(point) >= work * (1 - 1e-9)) ??
    slowestFirst.reduce((best, point) => (doneBy(point) > doneBy(best) ? point : best))
  );
}

/** The one plan of the frontier that just does the work in time. */
function onePlan(job: ScheduledJob, horizon: Horizon): JobPoint {
  const { points, work } = job;
  const near = justInTime(job, horizon, points.frontier);
  const slackS = allowedS(horizon, near) / work - near.iterationS;
  if (slackS <= 0) return near;
  // Between two points that were simulated there are others.
  const exact = points.frontierAt(near.paceS + slackS);
  return justInTime(job, horizon, [near, exact]);
}

/** A job that is switched on and off is not switched more often. */
const LEAST_BLOCK_S = 3600;

/** The fastest clocks or nothing, with checkpoints between them. */
function switchedCourse(job: ScheduledJob, horizon: Horizon, objective: Objective): Course {
  const { points, work, after, switched } = job;
  const { off, switching, saveS, restartS } = switched;
  const on = computing(points.fullClocks);
  const blocks = blocksOf(horizon, objective, on.powerW);
  const settings: SwitchedJob = {
    ...{ rate: on.rate, onW: on.powerW, offW: off.powerW, switchW: switching.powerW },
    ...{ saveS, restartS },
  };
  const runs = switchedBlocks(blocks, settings, work);
  const builder = new CourseBuilder(horizon, work, after);
  for (const { block, isOn, restartS: startS, timeS } of blockCourses(blocks, settings, runs)) {
    if (isOn) {
      builder.until(block.fromS + startS, switching);
      builder.until(block.fromS + startS + timeS, on);
      if (!builder.isDone) builder.until(block.fromS + block.lengthS, switching);
    }
    builder.until(block.fromS + block.lengthS, off);
  }
  return builder.course();
}

/** Intervals, joined to blocks of an hour or more. */
function blocksOf(
  { intervals }: Horizon,
  objective: Objective,
  onW: number,
): (Block & { readonly fromS: number })[] {
  const blocks: (Block & { readonly fromS: number })[] = [];
  for (const interval of intervals) {
    const { fromS, untilS, capW } = interval;
    const lengthS = untilS - fromS;
    const costPerJ = objective(interval);
    const mayRun = onW <= capW * ROUNDING;
    const last = blocks.at(-1);
    if (last === undefined || last.lengthS >= LEAST_BLOCK_S - 1) {
      blocks.push({
        fromS,
        lengthS,
        costPerJ,
        firstCostPerJ: costPerJ,
        lastCostPerJ: costPerJ,
        mayRun,
      });
      continue;
    }
    const togetherS = last.lengthS + lengthS;
    blocks[blocks.length - 1] = {
      ...last,
      lengthS: togetherS,
      costPerJ: (last.lengthS * last.costPerJ + lengthS * costPerJ) / togetherS,
      lastCostPerJ: costPerJ,
      mayRun: last.mayRun && mayRun,
    };
  }
  return blocks;
}
