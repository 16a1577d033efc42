import { entryOf } from '../../src/groups.js';
import { kindRules } from './operation-kinds.js';
import type { Trace } from './trace.js';

/** A rank of a stage of a pipeline, and its operations in a step. */
export interface Worker {
  readonly pipeline: number;
  readonly stage: number;
  readonly rank: number;
  /**
   * Its index among the ranks of its stage and pipeline; ranks with the same index exchange data.
   */
  readonly place: number;
  /** Its operations are `first ≤ i < end`, in order of start. */
  readonly first: number;
  readonly end: number;
}

/** The recording of one step, worker by worker. */
export interface RecordedStep {
  readonly step: number;
  readonly workers: readonly Worker[];
  /** Index in the trace of the step's i-th operation. */
  readonly operation: Int32Array;
}

/** The steps of a trace in order, without operations of unknown kinds. O(n log n). */
export function recordedSteps(trace: Trace): RecordedStep[] {
  const rules = kindRules(trace);
  const known: number[] = [];
  for (let i = 0; i < trace.operationCount; i++) {
    if (rules[trace.kind[i]!] !== undefined) known.push(i);
  }
  const placeOf = placesOfRanks(trace, known);
  const operation = Int32Array.from(known).sort(inOrder(trace));
  const steps: RecordedStep[] = [];
  let first = 0;
  for (let i = 1; i <= operation.length; i++) {
    if (i < operation.length && trace.step[operation[i]!] === trace.step[operation[first]!])
      continue;
    const ofStep = operation.slice(first, i);
    steps.push({
      step: trace.step[ofStep[0]!]!,
      workers: workersOf(trace, ofStep, placeOf),
      operation: ofStep,
    });
    first = i;
  }
  return steps;
}

/**
 * By step, worker and start; of operations that start together, those that end first come first.
 */
function inOrder(trace: Trace): (a: number, b: number) => number {
  const { step, pipeline, stage, rank, startS, durationS, sequence, kind } = trace;
  return (a, b) =>
    step[a]! - step[b]! ||
    pipeline[a]! - pipeline[b]! ||
    stage[a]! - stage[b]! ||
    rank[a]! - rank[b]! ||
    startS[a]! - startS[b]! ||
    durationS[a]! - durationS[b]! ||
    sequence[a]! - sequence[b]! ||
    kind[a]! - kind[b]!;
}

function workerKey(trace: Trace, i: number): string {
  return `${trace.pipeline[i]!}/${trace.stage[i]!}`;
}

/** Of each rank, its index within its stage, over the whole trace. */
function placesOfRanks(
  trace: Trace,
  operations: readonly number[],
): (stageKey: string, rank: number) => number {
  const ranks = new Map<string, Set<number>>();
  for (const i of operations) {
    entryOf(ranks, workerKey(trace, i), () => new Set<number>()).add(trace.rank[i]!);
  }
  const sorted = new Map([...ranks].map(([key, found]) => [key, [...found].sort((a, b) => a - b)]));
  return (key, rank) => sorted.get(key)!.indexOf(rank);
}

function workersOf(
  trace: Trace,
  operation: Int32Array,
  placeOf: (stageKey: string, rank: number) => number,
): Worker[] {
  const { pipeline, stage, rank } = trace;
  const workers: Worker[] = [];
  let first = 0;
  for (let i = 1; i <= operation.length; i++) {
    const [a, b] = [operation[first]!, operation[i]];
    const isSame =
      b !== undefined &&
      pipeline[a] === pipeline[b] &&
      stage[a] === stage[b] &&
      rank[a] === rank[b];
    if (isSame) continue;
    const place = placeOf(workerKey(trace, a), rank[a]!);
    workers.push({
      pipeline: pipeline[a]!,
      stage: stage[a]!,
      rank: rank[a]!,
      place,
      first,
      end: i,
    });
    first = i;
  }
  return workers;
}
