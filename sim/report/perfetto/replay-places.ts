import { kindRules, type Role } from '../../replay/operation-kinds.js';
import { modelStageOf } from '../../replay/step-draft.js';
import type { ShownStep, StepCourse } from '../../replay/step-courses.js';
import type { Trace } from '../../replay/trace.js';
import { traceTick } from './trace-events.js';

/** The threads of a rank: its computations and what runs between them, and beside them. */
export const THREAD_KINDS = ['computing', 'transfers', 'exchanges'] as const;

export type ThreadKind = (typeof THREAD_KINDS)[number];

const THREAD_OF: Readonly<Record<Role, ThreadKind>> = {
  compute: 'computing',
  'in-turn': 'computing',
  transfer: 'transfers',
  parameters: 'exchanges',
  gradients: 'exchanges',
};

/** An operation at its place in a trace. */
export interface PlacedOperation {
  readonly i: number;
  /** Index among the workers of the step's graph. */
  readonly worker: number;
  readonly thread: ThreadKind;
  /** Threads of a kind hold no two operations at once: one that overlaps others goes to the next. */
  readonly lane: number;
  readonly fromTick: number;
  readonly untilTick: number;
}

/** A course of a step at its place in a trace. */
export interface PlacedStep {
  readonly course: StepCourse;
  readonly beginTick: number;
  /** Thread by thread, each in order of time. */
  readonly operations: readonly PlacedOperation[];
  /** The same by operation. */
  readonly byOperation: readonly PlacedOperation[];
  /** Which computation of its part of the model an operation is: its microbatch. */
  readonly nthOf: (i: number) => number;
}

/** Ticks of a slice at least, about a microsecond: arrows need room. */
const LEAST_TICKS = 1024;

/** Gives every operation of a step its thread and ticks. O(n log n). */
export function placedStep(
  trace: Trace,
  { graph }: ShownStep,
  course: StepCourse,
  beginTick: number,
): PlacedStep {
  const rules = kindRules(trace);
  const { startS, endS } = course;
  const operations = graph.workers.flatMap(({ first, end }, worker) => {
    const own = Array.from({ length: end - first }, (_, k) => first + k);
    return THREAD_KINDS.flatMap((thread) => {
      const ofThread = own
        .filter((i) => THREAD_OF[rules[graph.kind[i]!]!.role] === thread)
        .map((i) => ({
          ...{ i, worker, thread },
          fromTick: beginTick + Math.max(0, traceTick(startS[i]!)),
          untilTick: beginTick + Math.max(0, traceTick(endS[i]!)),
        }));
      return inLanes(ofThread);
    });
  });
  const byOperation: PlacedOperation[] = [];
  for (const placed of operations) byOperation[placed.i] = placed;
  return { course, beginTick, operations, byOperation, nthOf: microbatches(trace, graph) };
}

/**
 * Puts operations into the first lane that is free, in which they begin up to a microsecond late if the one
 * before them ends so late.
 */
function inLanes(operations: readonly Omit<PlacedOperation, 'lane'>[]): PlacedOperation[] {
  const untilTicks: number[] = [];
  return operations
    .toSorted((a, b) => a.fromTick - b.fromTick || a.untilTick - b.untilTick || a.i - b.i)
    .map((placed) => {
      const isFree = (untilTick: number) => untilTick <= placed.fromTick + LEAST_TICKS;
      const found = untilTicks.findIndex(isFree);
      const lane = found < 0 ? untilTicks.length : found;
      const fromTick = Math.max(placed.fromTick, untilTicks[lane] ?? 0);
      const untilTick = Math.max(placed.untilTick, fromTick + LEAST_TICKS);
      untilTicks[lane] = untilTick;
      return { ...placed, lane, fromTick, untilTick };
    });
}

function microbatches(trace: Trace, graph: ShownStep['graph']): (i: number) => number {
  const nth = new Int32Array(graph.operation.length);
  for (const { first, end } of graph.workers) {
    const seen = new Map<string, number>();
    for (let i = first; i < end; i++) {
      const key = `${graph.kind[i]!} ${modelStageOf(trace, graph.operation[i]!)}`;
      nth[i] = seen.get(key) ?? 0;
      seen.set(key, nth[i]! + 1);
    }
  }
  return (i) => nth[i]!;
}
