import { parquetWriteBuffer } from 'hyparquet-writer';
import { oneFOneBOrder } from '../../src/pipeline/one-f-one-b.js';
import { FORWARD } from '../../src/profile/operation.js';
import { randomStream } from '../../sim/kernel/random-streams.js';

/** One row of a trace. */
export interface TraceRow {
  readonly dp_rank: number;
  readonly stage: number;
  readonly rank: number;
  readonly step: number;
  readonly optype: string;
  readonly start_ts: number;
  readonly duration: number;
  readonly seq_id: number;
}

/** What a made-up job is made of. */
export interface TraceShape {
  readonly pipelines: number;
  readonly stages: number;
  readonly microbatches: number;
  readonly steps: number;
  readonly seed: number;
  /** A rank that computes three times as long. */
  readonly slowRank?: number;
}

interface Operation {
  readonly worker: number;
  readonly optype: string;
  readonly seq: number;
  /** Operations of one batch share it. */
  readonly batch: number;
  /** Operations that meet share it. */
  readonly meets: string;
  readonly durationS: number;
}

/**
 * The rows of a made-up 1F1B job whose transfers hold up both sides: between two computations a
 * rank sends the output of the first and receives the input of the second, at once. Times are found
 * by letting every constraint push starts and ends later until none does: nothing of the replay's.
 */
export function traceRows(shape: TraceShape): TraceRow[] {
  return Array.from({ length: shape.steps }, (_, step) => stepRows(shape, step)).flat();
}

function stepRows(shape: TraceShape, step: number): TraceRow[] {
  const { pipelines, stages } = shape;
  const uniform = randomStream(shape.seed, `step-${step}`);
  const workers = Array.from({ length: pipelines * stages }, (_, w) =>
    workerOperations(shape, Math.floor(w / stages), w % stages, w, uniform),
  );
  const times = settle(workers);
  return workers.flatMap((operations, w) =>
    operations.map(({ optype, seq }, k) => ({
      dp_rank: Math.floor(w / stages),
      stage: w % stages,
      rank: w,
      step,
      optype,
      start_ts: times[w]![k]!.startS,
      duration: times[w]![k]!.endS - times[w]![k]!.startS,
      seq_id: seq,
    })),
  );
}

function workerOperations(
  { stages, microbatches, slowRank }: TraceShape,
  pipeline: number,
  stage: number,
  worker: number,
  uniform: () => number,
): Operation[] {
  const operations: Operation[] = [];
  let batch = 0;
  const add = (optype: string, seq: number, meets: string, durationS: number) =>
    operations.push({ worker, optype, seq, batch, meets, durationS });
  const own = (optype: string, seq: number) => `${worker} ${optype} ${seq}`;
  const gathering = stage * 0.001;
  add('params-all-gather', 0, `gather ${stage}`, 0.05 + gathering);
  const order = oneFOneBOrder(stage, stages, microbatches);
  const link = (isForward: boolean, m: number, sender: number) =>
    `${isForward ? 'F' : 'B'} ${pipeline} ${m} from ${sender}`;
  /** The same on both sides. */
  const transferS = (m: number, sender: number) => 0.002 + 0.001 * ((m + sender) % 3);
  const input = (k: number) => {
    const next = order[k];
    if (next === undefined) return;
    const { kind, microbatch: m } = next;
    const from = kind === FORWARD ? stage - 1 : stage + 1;
    if (from < 0 || from >= stages) return;
    const optype = kind === FORWARD ? 'forward-recv' : 'backward-recv';
    add(optype, m, link(kind === FORWARD, m, from), transferS(m, from));
  };
  batch++;
  input(0);
  order.forEach(({ kind, microbatch: m }, k) => {
    const isForward = kind === FORWARD;
    batch++;
    const compute = isForward ? 'forward-compute' : 'backward-compute';
    const usualS = (isForward ? 0.2 : 0.4) * (0.5 + uniform());
    add(compute, m, own(compute, m), worker === slowRank ? 3 * usualS : usualS);
    batch++;
    const to = isForward ? stage + 1 : stage - 1;
    if (to >= 0 && to < stages) {
      const send = isForward ? 'forward-send' : 'backward-send';
      add(send, m, link(isForward, m, stage), transferS(m, stage));
    }
    input(k + 1);
  });
  batch++;
  add('grads-reduce-scatter', 0, `scatter ${stage}`, 0.1);
  batch++;
  add('optimizer', 0, own('optimizer', 0), 0.02);
  return operations;
}

/** Pushes times later until every constraint holds. */
function settle(workers: readonly Operation[][]): { startS: number; endS: number }[][] {
  const times = workers.map((operations) => operations.map(() => ({ startS: 0, endS: 0 })));
  const members = new Map<string, { startS: number; endS: number }[]>();
  workers.forEach((operations, w) => {
    operations.forEach(({ meets }, k) => {
      members.set(meets, [...(members.get(meets) ?? []), times[w]![k]!]);
    });
  });
  for (let changed = true; changed;) {
    changed = false;
    workers.forEach((operations, w) => {
      operations.forEach(({ batch, meets, durationS }, k) => {
        const time = times[w]![k]!;
        const before = operations.findLastIndex((other) => other.batch < batch);
        const startS = before < 0 ? 0 : times[w]![before]!.endS;
        const alike = operations.flatMap((other, j) =>
          other.batch === batch ? [times[w]![j]!.endS] : [],
        );
        const metS = Math.max(...members.get(meets)!.map((other) => other.startS));
        const endS = Math.max(metS + durationS, ...alike);
        if (startS > time.startS || endS > time.endS) changed = true;
        time.startS = startS;
        time.endS = Math.max(time.endS, endS);
      });
    });
  }
  return times;
}

/** Rows as a Parquet file. */
export function traceFile(rows: readonly TraceRow[]): ArrayBuffer {
  const column = (name: keyof TraceRow) => ({ name, data: rows.map((row) => row[name]) });
  const names = Object.keys(rows[0]!) as (keyof TraceRow)[];
  return parquetWriteBuffer({ columnData: names.map(column) });
}
