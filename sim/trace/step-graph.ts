import type { Trace } from './trace.js';

/** How an operation waits for others. */
type Meeting =
  /** Not at all. */
  | 'none'
  /** A sender and a receiver on neighbouring stages. */
  | 'transfer'
  /** The same stage of all pipelines. */
  | 'pipelines'
  /** The stages of one pipeline that hold the embedding. */
  | 'stages';

/**
 * Kinds of operation that make a step, from the gathering of parameters to the reduction of
 * gradients, and whom they meet. A reduction within a stage's tensor-parallel group is not traced
 * beyond its own rank.
 */
const MEETINGS: Readonly<Record<string, Meeting>> = {
  'params-all-gather': 'pipelines',
  'forward-recv': 'transfer',
  'forward-compute': 'none',
  'forward-send': 'transfer',
  'backward-recv': 'transfer',
  'backward-compute': 'none',
  'backward-send': 'transfer',
  'layernorm-grads-all-reduce': 'none',
  'embedding-grads-all-reduce': 'stages',
  'grads-reduce-scatter': 'pipelines',
  'grads-all-reduce': 'pipelines',
};

/** Kinds of a trace that a replay leaves out: what comes after a step, and what it does not know. */
export function leftOutKinds({ kinds }: Trace): string[] {
  return kinds.filter((kind) => MEETINGS[kind] === undefined);
}

/** Operations that begin at once on a rank lie within this of each other: one batch of transfers. */
const SAME_START_S = 5e-5;

/** A rank of a stage of a pipeline, and the operations it ran in a step. */
export interface Worker {
  readonly pipeline: number;
  readonly stage: number;
  /** Its operations are `first ≤ i < end`, in order of their start. */
  readonly first: number;
  readonly end: number;
}

/**
 * One step: who ran what in which order, and who waited for whom. Parallel arrays, per operation,
 * worker by worker.
 */
export interface StepGraph {
  readonly step: number;
  readonly workers: readonly Worker[];
  /** Place in the trace. */
  readonly operation: Int32Array;
  /** Index into the trace's kinds. */
  readonly kind: Int32Array;
  /** First operation of its batch: a batch begins at once and ends at once. */
  readonly batch: Int32Array;
  /** Which group of operations it meets, or −1. */
  readonly group: Int32Array;
  readonly groupSize: Int32Array;
  /** Without waiting for those it meets. */
  readonly ownS: Float64Array;
  /** Of the first of a batch: between the batch before and it, waiting for nobody that is traced. */
  readonly gapS: Float64Array;
  /** From the first start to the last end. */
  readonly recordedS: number;
}

/** A step that cannot be replayed, and why. */
export interface BrokenStep {
  readonly step: number;
  readonly reason: string;
}

/** Takes a trace apart into steps, in order. O(operations · log operations). */
export function stepGraphs(trace: Trace): { graphs: StepGraph[]; broken: BrokenStep[] } {
  const byStep = new Map<number, number[]>();
  for (let i = 0; i < trace.operationCount; i++) {
    if (MEETINGS[kindName(trace, i)] === undefined) continue;
    const step = trace.step[i]!;
    const known = byStep.get(step);
    if (known === undefined) byStep.set(step, [i]);
    else known.push(i);
  }
  const graphs: StepGraph[] = [];
  const broken: BrokenStep[] = [];
  for (const [step, operations] of [...byStep].sort(([a], [b]) => a - b)) {
    const graph = stepGraph(trace, step, operations);
    if ('reason' in graph) broken.push(graph);
    else graphs.push(graph);
  }
  return { graphs, broken };
}

function kindName(trace: Trace, i: number): string {
  return trace.kinds[trace.kind[i]!]!;
}

function stepGraph(trace: Trace, step: number, operations: number[]): StepGraph | BrokenStep {
  const { workers, ordered, place } = workersOf(trace, operations);
  const operation = Int32Array.from(ordered);
  const groups = groupsOf(trace, workers, operation, place);
  if (typeof groups === 'string') return { step, reason: groups };
  const endS = (i: number) => trace.startS[operation[i]!]! + trace.durationS[operation[i]!]!;
  const startS = (i: number) => trace.startS[operation[i]!]!;
  const all = Array.from(operation, (_, i) => i);
  const beginS = Math.min(...all.map(startS));
  const batch = batches(trace, workers, operation);
  return {
    step,
    workers,
    operation,
    kind: Int32Array.from(operation, (i) => trace.kind[i]!),
    batch,
    ...groups,
    ownS: ownTimes(
      groups.group,
      groups.groupSize.length,
      startS,
      endS,
      isTransferOf(trace, operation),
    ),
    gapS: gaps(workers, batch, beginS, startS, endS),
    recordedS: Math.max(...all.map(endS)) - beginS,
  };
}

/** Sorts a step's operations by worker and start. `place` is a worker's among its stage's ranks. */
function workersOf(trace: Trace, operations: number[]) {
  const { pipeline, stage, rank, startS } = trace;
  const ordered = operations.sort(
    (a, b) =>
      pipeline[a]! - pipeline[b]! ||
      stage[a]! - stage[b]! ||
      rank[a]! - rank[b]! ||
      startS[a]! - startS[b]! ||
      a - b,
  );
  const workers: Worker[] = [];
  const place: number[] = [];
  let first = 0;
  ordered.forEach((i, k) => {
    const next = ordered[k + 1];
    const isLast =
      next === undefined ||
      pipeline[next] !== pipeline[i] ||
      stage[next] !== stage[i] ||
      rank[next] !== rank[i];
    if (!isLast) return;
    const before = workers.at(-1);
    const isSameStage = before?.pipeline === pipeline[i] && before?.stage === stage[i];
    place.push(isSameStage ? place.at(-1)! + 1 : 0);
    workers.push({ pipeline: pipeline[i]!, stage: stage[i]!, first, end: k + 1 });
    first = k + 1;
  });
  return { workers, ordered, place };
}

/** Transfers that a rank began at once are one batch. */
function batches(trace: Trace, workers: readonly Worker[], operation: Int32Array): Int32Array {
  const batch = Int32Array.from(operation, (_, i) => i);
  const isTransfer = isTransferOf(trace, operation);
  for (const { first, end } of workers) {
    for (let i = first + 1; i < end; i++) {
      const head = batch[i - 1]!;
      const together =
        isTransfer(i) &&
        isTransfer(head) &&
        trace.startS[operation[i]!]! - trace.startS[operation[head]!]! < SAME_START_S;
      if (together) batch[i] = head;
    }
  }
  return batch;
}

function isTransferOf(trace: Trace, operation: Int32Array): (i: number) => boolean {
  return (i) => MEETINGS[kindName(trace, operation[i]!)] === 'transfer';
}

/** Operations that meet: the k-th send of a stage and the k-th receive of the next one, and so on. */
function groupsOf(
  trace: Trace,
  workers: readonly Worker[],
  operation: Int32Array,
  place: readonly number[],
): { group: Int32Array; groupSize: Int32Array } | string {
  const stages = 1 + Math.max(...workers.map((worker) => worker.stage));
  const numberOf = new Map<string, number>();
  const sizes: number[] = [];
  const expected = new Map<number, string>();
  const group = new Int32Array(operation.length).fill(-1);
  workers.forEach(({ pipeline, stage, first, end }, w) => {
    const seen = new Map<string, number>();
    for (let i = first; i < end; i++) {
      const name = kindName(trace, operation[i]!);
      const nth = seen.get(name) ?? 0;
      seen.set(name, nth + 1);
      const key = meetingKey(name, pipeline, stage, place[w]!, nth, stages);
      if (key === undefined) continue;
      const number = numberOf.get(key) ?? sizes.length;
      numberOf.set(key, number);
      sizes[number] = (sizes[number] ?? 0) + 1;
      group[i] = number;
      if (MEETINGS[name] === 'transfer') {
        expected.set(number, `${name} ${nth} of pipeline ${pipeline}, stage ${stage}`);
      }
    }
  });
  const alone = [...expected].find(([number]) => sizes[number] !== 2);
  if (alone !== undefined) return `${alone[1]} has no counterpart`;
  return { group, groupSize: Int32Array.from(sizes) };
}

/** A name that the operations which meet share. */
function meetingKey(
  kind: string,
  pipeline: number,
  stage: number,
  place: number,
  nth: number,
  stages: number,
): string | undefined {
  switch (MEETINGS[kind]) {
    case 'transfer': {
      const [direction, way] = kind.split('-');
      const step = direction === 'forward' ? 1 : -1;
      const sender = way === 'send' ? stage : (stage - step + stages) % stages;
      return `${direction!} ${pipeline}/${sender}/${place} ${nth}`;
    }
    case 'pipelines':
      return `${kind} ${stage}/${place} ${nth}`;
    case 'stages':
      return `${kind} ${pipeline}/${place} ${nth}`;
    default:
      return undefined;
  }
}

/**
 * What operations take once all that they meet have begun. A transfer is done when the first of its
 * two sides is: the other's recorded end may be that of its whole batch.
 */
function ownTimes(
  group: Int32Array,
  groupCount: number,
  startS: (i: number) => number,
  endS: (i: number) => number,
  isTransfer: (i: number) => boolean,
): Float64Array {
  const lastStartS = new Float64Array(groupCount).fill(-Infinity);
  const firstEndS = new Float64Array(groupCount).fill(Infinity);
  group.forEach((g, i) => {
    if (g < 0) return;
    lastStartS[g] = Math.max(lastStartS[g]!, startS(i));
    firstEndS[g] = Math.min(firstEndS[g]!, endS(i));
  });
  return Float64Array.from(group, (g, i) => {
    if (g < 0) return endS(i) - startS(i);
    return Math.max(0, (isTransfer(i) ? firstEndS[g]! : endS(i)) - lastStartS[g]!);
  });
}

function gaps(
  workers: readonly Worker[],
  batch: Int32Array,
  beginS: number,
  startS: (i: number) => number,
  endS: (i: number) => number,
): Float64Array {
  const gapS = new Float64Array(batch.length);
  for (const { first, end } of workers) {
    let batchEndS = beginS;
    for (let i = first; i < end; i++) {
      if (batch[i] === i) {
        gapS[i] = Math.max(0, startS(i) - batchEndS);
        batchEndS = -Infinity;
      }
      batchEndS = Math.max(batchEndS, endS(i));
    }
  }
  return gapS;
}
