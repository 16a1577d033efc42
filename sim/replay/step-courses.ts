import { least } from '../../src/extremes.js';
import type { WatchedEnergy } from './replay-energy.js';
import { replayStep } from './replay.js';
import type { WatchedReplay } from './replay-trace.js';
import type { StepGraph } from './step-graph.js';
import type { Trace } from './trace.js';

/** The ways in which a step is shown. */
export const COURSE_NAMES = ['recorded', 'replayed', 'planned'] as const;

export type CourseName = (typeof COURSE_NAMES)[number];

/** The times of a step's operations, from its beginning. Arrays are per operation of its graph. */
export interface StepCourse {
  readonly name: CourseName;
  readonly lengthS: number;
  readonly startS: Float64Array;
  readonly endS: Float64Array;
  /** From the time when all that it meets have begun. */
  readonly ownS: Float64Array;
  /** Of computations, if GPUs are assumed. Power is of one GPU. */
  readonly clockMHz?: Float64Array;
  readonly powerW?: Float64Array;
}

/** A step in all the ways in which it is shown. */
export interface ShownStep {
  /** The waits as published: computations wait for their inputs, not for transfers of others. */
  readonly graph: StepGraph;
  readonly courses: readonly StepCourse[];
}

/**
 * The k-th step of a trace as recorded, as replayed, and, if GPUs are assumed, at the clocks of a plan.
 * O(operations + dependencies).
 */
export function shownStep(
  trace: Trace,
  { overlapped, blocking, delays }: WatchedReplay,
  energy: WatchedEnergy | undefined,
  k: number,
): ShownStep {
  const [graph, held] = [overlapped[k]!, blocking[k]!];
  const highest = energy?.atHighest(k);
  const drawn = highest && { clockMHz: highest.clockMHz, powerW: highest.powerW };
  const replayed = replayStep(held, held.ownS, delays(held));
  const courses: StepCourse[] = [
    { ...recordedCourse(trace, graph), ...drawn },
    { name: 'replayed', ...replayed, ownS: held.ownS, ...drawn },
  ];
  if (energy !== undefined) {
    const { durationS, clockMHz, powerW, replayed: planned } = energy.planned(k);
    courses.push({ name: 'planned', ...planned, ownS: durationS, clockMHz, powerW });
  }
  return { graph, courses };
}

function recordedCourse(trace: Trace, { operation, ownS, recordedS }: StepGraph): StepCourse {
  const beginS = least(Array.from(operation, (i) => trace.startS[i]!));
  const startS = Float64Array.from(operation, (i) => trace.startS[i]! - beginS);
  const endS = Float64Array.from(operation, (i, k) => startS[k]! + trace.durationS[i]!);
  return { name: 'recorded', lengthS: recordedS, startS, endS, ownS };
}
