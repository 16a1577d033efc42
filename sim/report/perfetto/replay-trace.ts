import { most } from '../../../src/extremes.js';
import { lastPassing } from '../../../src/last-passing.js';
import { kindRules } from '../../replay/operation-kinds.js';
import type { WatchedEnergy } from '../../replay/replay-energy.js';
import type { WatchedReplay } from '../../replay/replay-trace.js';
import {
  COURSE_NAMES,
  shownStep,
  type CourseName,
  type ShownStep,
} from '../../replay/step-courses.js';
import type { Trace } from '../../replay/trace.js';
import { arrowsOf } from '../replay/arrows.js';
import { stepArrows } from './replay-arrows.js';
import { placedStep, type PlacedStep } from './replay-places.js';
import { ReplayThreads } from './replay-threads.js';
import type { TraceOptions, WrittenTrace } from './run-trace.js';
import {
  traceMicroseconds,
  traceTick,
  type TraceArgs,
  type TraceEvent,
  type SliceEvent,
} from './trace-events.js';

/** Slices and the ends of arrows; more than this many take viewers too long. */
const MOST_EVENTS = 2_000_000;

/** A replay to be written. */
export interface TracedReplay {
  readonly trace: Trace;
  readonly watched: WatchedReplay;
  readonly energy: WatchedEnergy | undefined;
}

/**
 * The steps of a replay as a trace: a process for what was recorded, one for the replay, and one for planned
 * clocks if GPUs are assumed; in each, threads for every rank: its computations, and beside them its transfers
 * and exchanges, with arrows from who hands over to who receives. A step begins at the same time in all
 * processes, as soon as the one before it has ended in all of them.
 */
export function replayTraceFile(
  traced: TracedReplay,
  { version, title, mostSlices = MOST_EVENTS }: TraceOptions,
): WrittenTrace {
  const { overlapped } = traced.watched;
  const names = COURSE_NAMES.filter((name) => name !== 'planned' || traced.energy !== undefined);
  // An operation has at most two arrows on average, with two ends each.
  const events = (steps: number) =>
    overlapped
      .slice(0, steps)
      .reduce((sum, { operation }) => sum + names.length * 5 * operation.length, 0);
  const steps = lastPassing(1, overlapped.length, (n) => events(n) <= mostSlices);
  const leftOut =
    steps === overlapped.length
      ? []
      : [`only the first ${steps} of ${overlapped.length} steps are written`];
  const otherData = {
    ...{ pipewatt: version, title },
    times: 'steps begin together in all processes; gaps between recorded steps are left out',
    ...(traced.energy === undefined ? {} : { powers: 'powerPerGpuW is of one GPU' }),
    leftOut: leftOut.join('; '),
  };
  return {
    ...{ otherData, leftOut },
    events: { [Symbol.iterator]: () => replayEvents(traced, names, steps) },
  };
}

function* replayEvents(
  { trace, watched, energy }: TracedReplay,
  names: readonly CourseName[],
  steps: number,
): Generator<TraceEvent> {
  const threads = new ReplayThreads(names);
  yield* threads.processes();
  let beginTick = 0;
  let arrowCount = 0;
  for (let k = 0; k < steps; k++) {
    const shown = shownStep(trace, watched, energy, k);
    for (const course of shown.courses) {
      const placed = placedStep(trace, shown, course, beginTick);
      yield* stepSlice(threads, shown, placed);
      yield* operationSlices(threads, trace, shown, placed);
      const arrows = arrowsOf(trace, shown.graph, course.startS);
      const drawn = [...stepArrows(threads, shown.graph, placed, arrows, arrowCount)];
      arrowCount += drawn.length / 2;
      yield* drawn;
    }
    beginTick += most(shown.courses.map(({ lengthS }) => traceTick(lengthS))) + 1;
  }
}

function* stepSlice(
  threads: ReplayThreads,
  { graph: { step } }: ShownStep,
  { course, beginTick }: PlacedStep,
): Generator<TraceEvent> {
  const { place, added } = threads.steps(course.name);
  yield* added;
  yield {
    ph: 'X',
    ...place,
    name: `step ${step}`,
    cat: 'step',
    ts: traceMicroseconds(beginTick),
    dur: traceMicroseconds(Math.max(1, traceTick(course.lengthS))),
    args: { timeS: course.lengthS },
  };
}

function* operationSlices(
  threads: ReplayThreads,
  trace: Trace,
  { graph }: ShownStep,
  { course, operations, nthOf }: PlacedStep,
): Generator<TraceEvent> {
  const rules = kindRules(trace);
  for (const placed of operations) {
    const { i, fromTick, untilTick } = placed;
    const { place, added } = threads.of(course.name, graph.workers[placed.worker]!, placed);
    yield* added;
    const kind = trace.kinds[graph.kind[i]!]!;
    const { role } = rules[graph.kind[i]!]!;
    const slice: SliceEvent = {
      ph: 'X',
      ...place,
      name: role === 'compute' ? `${kind.replace('-compute', '')} ${nthOf(i)}` : kind,
      cat: role,
      ts: traceMicroseconds(fromTick),
      dur: traceMicroseconds(untilTick - fromTick),
      args: argsOf(course, i, graph.step, role === 'compute'),
    };
    yield slice;
  }
}

function argsOf(
  { startS, endS, ownS, clockMHz, powerW }: PlacedStep['course'],
  i: number,
  step: number,
  isComputing: boolean,
): TraceArgs {
  const waitsS = Math.max(0, endS[i]! - startS[i]! - Math.max(0, ownS[i]!));
  return {
    step,
    ...(isComputing ? {} : { waitsS }),
    ...(isComputing && clockMHz !== undefined && powerW !== undefined
      ? { clockMHz: clockMHz[i]!, powerPerGpuW: powerW[i]! }
      : {}),
  };
}
