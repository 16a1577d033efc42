import { parquetWriteBuffer } from 'hyparquet-writer';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import { interleaved } from '../../src/pipeline/interleaved.js';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
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
  readonly mc: number;
  readonly gmc: number;
  readonly mb_id: number;
}

/** The components of a made-up job. */
export interface TraceShape {
  readonly pipelines: number;
  readonly stages: number;
  readonly microbatches: number;
  readonly steps: number;
  readonly seed: number;
  /** Parts of the model on each stage, run interleaved; microbatches are then rounded up to fit. */
  readonly chunks?: number;
  /** Ranks of a stage and pipeline. */
  readonly ranksPerStage?: number;
  /** A rank that computes three times as long. */
  readonly slowRank?: number;
  /** Transfers hold up both sides until all that were launched at once are done. */
  readonly isBlocking?: boolean;
  /** Gradients are added up beside computing. */
  readonly addsUpBeside?: boolean;
}

interface Operation {
  readonly optype: string;
  readonly seq: number;
  readonly part: { readonly mc: number; readonly gmc: number; readonly mb: number };
  /** The operations on its own rank that it waits for. */
  readonly after: readonly Operation[];
  /** Operations that meet share it; undefined meets none. */
  readonly meets: string | undefined;
  /** Operations that end together share it. */
  readonly batch?: number;
  readonly durationS: number;
  startS: number;
  endS: number;
}

/**
 * The rows of a made-up job. Times are found by letting every constraint push starts and ends later
 * until none does: nothing of the replay's.
 */
export function traceRows(shape: TraceShape): TraceRow[] {
  return Array.from({ length: shape.steps }, (_, step) => stepRows(shape, step)).flat();
}

function stepRows(shape: TraceShape, step: number): TraceRow[] {
  const { pipelines, stages, chunks = 1, ranksPerStage = 1 } = shape;
  const microbatches = Math.ceil(shape.microbatches / stages) * stages;
  const dag =
    chunks > 1 ? interleaved(stages, microbatches, chunks) : oneFOneB(stages, shape.microbatches);
  const uniform = randomStream(shape.seed, `step-${step}`);
  const workers = Array.from({ length: pipelines * stages * ranksPerStage }, (_, rank) => {
    const row = Math.floor(rank / ranksPerStage);
    const [pipeline, stage] = [Math.floor(row / stages), row % stages];
    const worker = { pipeline, stage, rank, place: rank % ranksPerStage };
    return { ...worker, operations: new Programme(shape, dag, worker, uniform).operations };
  });
  settle(workers.map(({ operations }) => operations));
  return workers.flatMap(({ pipeline, stage, rank, operations }) =>
    operations.map(({ optype, seq, part, startS, endS }) => ({
      ...{ dp_rank: pipeline, stage, rank, step, optype },
      ...{ start_ts: startS, duration: endS - startS, seq_id: seq },
      ...{ mc: part.mc, gmc: part.gmc, mb_id: part.mb },
    })),
  );
}

const NO_PART = { mc: -1, gmc: -1, mb: -1 };

/** The operations of one rank. */
class Programme {
  readonly operations: Operation[] = [];
  private readonly counts = new Map<string, number>();
  private readonly lastOf = new Map<string, Operation>();
  private batch = 0;

  constructor(
    private readonly shape: TraceShape,
    private readonly dag: ComputationDag,
    private readonly worker: { pipeline: number; stage: number; rank: number; place: number },
    private readonly uniform: () => number,
  ) {
    if (shape.isBlocking === true) this.fillBlocking();
    else this.fill();
  }

  private get instructions(): number[] {
    const { stageStart } = this.dag;
    const { stage } = this.worker;
    const count = stageStart[stage + 1]! - stageStart[stage]!;
    return Array.from({ length: count }, (_, k) => stageStart[stage]! + k);
  }

  /** Transfers run beside computing, each kind in turn; calls that move nothing are recorded too. */
  private fill(): void {
    const { chunks = 1, addsUpBeside = false } = this.shape;
    const gathers = Array.from({ length: chunks }, (_, mc) =>
      this.add('params-all-gather', { mc }, this.last('params-all-gather'), this.ofStage(mc), 0.3),
    );
    const { instructions } = this;
    const lastOfChunk = new Map<number, Operation>();
    const gathered = new Set<number>();
    for (const i of instructions) {
      const isForward = this.dag.kind[i] === FORWARD;
      const direction = isForward ? 'forward' : 'backward';
      const { chunk, modelStage } = this.dag.operations[this.dag.operation[i]!]!;
      const received = this.receive(i, direction, modelStage);
      const gather = isForward && !gathered.has(chunk) ? [gathers[chunk]!] : [];
      gathered.add(chunk);
      const compute = this.compute(i, [...received, ...gather, ...this.last('computation')]);
      this.lastOf.set('computation', compute);
      if (!isForward) lastOfChunk.set(chunk, compute);
      this.send(i, direction, modelStage, compute);
    }
    const sums = [...lastOfChunk].map(([mc, compute], k) => {
      const after = addsUpBeside
        ? [compute, ...this.last('grads-reduce-scatter')]
        : this.last('computation');
      return () => this.add('grads-reduce-scatter', { mc }, after, this.ofStage(k), 0.2);
    });
    this.close(sums, addsUpBeside);
  }

  private close(sums: (() => Operation)[], isBeside: boolean): void {
    const beside = isBeside ? sums.map((sum) => sum()) : [];
    const inTurn = (optype: string, meets: string | undefined, durationS: number) => {
      const last = optype === 'gc' ? [] : beside.slice(-1);
      const made = this.add(optype, {}, [...this.last('computation'), ...last], meets, durationS);
      this.lastOf.set('computation', made);
    };
    const { pipeline, stage, place } = this.worker;
    inTurn('gc', undefined, 0.001);
    inTurn('layernorm-grads-all-reduce', undefined, 0.002);
    if (stage === 0 || stage === this.shape.stages - 1) {
      inTurn('embedding-grads-all-reduce', `embedding ${pipeline}/${place}`, 0.004);
    }
    if (isBeside) inTurn('separate-grads-all-reduce', `separate ${stage}/${place}`, 0.01);
    else for (const sum of sums) this.chainLast(sum);
    inTurn('optimizer-clip-main-grad', 'clip', 0.005);
    inTurn('optimizer', undefined, 0.02 * (1 + this.uniform()));
  }

  private chainLast(sum: () => Operation): void {
    const made = sum();
    (made.after as Operation[]).push(...this.last('computation'));
    this.lastOf.set('computation', made);
  }

  private receive(i: number, direction: string, modelStage: number): Operation[] {
    const from = direction === 'forward' ? modelStage - 1 : modelStage + 1;
    const isThere = from >= 0 && from < this.dag.modelStageCount;
    const optype = `${direction}-recv`;
    const isFirst = this.last(`${direction}-compute`).length === 0;
    // Where stages hold several parts every computation calls, but the very first.
    if (!isThere && ((this.shape.chunks ?? 1) === 1 || isFirst)) return [];
    const m = this.dag.microbatch[i]!;
    const after = [...this.last(optype), ...this.last(`${direction}-compute`)];
    const meets = isThere ? this.link(direction, m, from) : undefined;
    return [this.add(optype, {}, after, meets, isThere ? transferS(m, from) : 0)];
  }

  private send(i: number, direction: string, modelStage: number, compute: Operation): void {
    const to = direction === 'forward' ? modelStage + 1 : modelStage - 1;
    const isThere = to >= 0 && to < this.dag.modelStageCount;
    if (!isThere && (this.shape.chunks ?? 1) === 1) return;
    const m = this.dag.microbatch[i]!;
    const optype = `${direction}-send`;
    const meets = isThere ? this.link(direction, m, modelStage) : undefined;
    this.add(
      optype,
      {},
      [compute, ...this.last(optype)],
      meets,
      isThere ? transferS(m, modelStage) : 0,
    );
  }

  private compute(i: number, after: readonly Operation[]): Operation {
    const isForward = this.dag.kind[i] === FORWARD;
    const { chunk: mc, modelStage: gmc } = this.dag.operations[this.dag.operation[i]!]!;
    const usualS = (isForward ? 0.2 : 0.4) * (0.5 + this.uniform());
    const durationS = this.worker.rank === this.shape.slowRank ? 3 * usualS : usualS;
    const optype = isForward ? 'forward-compute' : 'backward-compute';
    return this.add(optype, { mc, gmc, mb: this.dag.microbatch[i]! }, after, undefined, durationS);
  }

  /** Between two computations a rank sends one's output and receives the other's input, at once. */
  private fillBlocking(): void {
    const next = (make: () => void) => {
      const before = this.operations.filter(({ batch }) => batch === this.batch);
      this.batch++;
      const first = this.operations.length;
      make();
      for (const made of this.operations.slice(first)) (made.after as Operation[]).push(...before);
    };
    const receive = (i: number | undefined) => {
      if (i === undefined) return;
      const direction = this.dag.kind[i] === FORWARD ? 'forward' : 'backward';
      this.receive(i, direction, this.worker.stage);
    };
    next(() => this.add('params-all-gather', { mc: 0 }, [], this.ofStage(0), 0.05));
    const { instructions } = this;
    next(() => {
      receive(instructions[0]);
    });
    if (this.operations.at(-1)!.optype === 'params-all-gather') this.batch--;
    instructions.forEach((i, k) => {
      let compute: Operation | undefined;
      next(() => (compute = this.compute(i, [])));
      const count = this.operations.length;
      next(() => {
        const direction = this.dag.kind[i] === FORWARD ? 'forward' : 'backward';
        this.send(i, direction, this.worker.stage, compute!);
        receive(instructions[k + 1]);
      });
      if (this.operations.length === count) this.batch--;
    });
    next(() => this.add('grads-reduce-scatter', { mc: 0 }, [], this.ofStage(0), 0.1));
    next(() => this.add('optimizer', {}, [], undefined, 0.02));
  }

  private ofStage(nth: number): string {
    return `stage ${this.worker.stage}/${this.worker.place} ${nth}`;
  }

  private link(direction: string, microbatch: number, from: number): string {
    return `${direction} ${this.worker.pipeline}/${this.worker.place} ${microbatch} from ${from}`;
  }

  private last(what: string): Operation[] {
    const found = this.lastOf.get(what);
    return found === undefined ? [] : [found];
  }

  private add(
    optype: string,
    part: Partial<Operation['part']>,
    after: readonly Operation[],
    meets: string | undefined,
    durationS: number,
  ): Operation {
    const seq = this.counts.get(optype) ?? 0;
    this.counts.set(optype, seq + 1);
    const made: Operation = {
      ...{ optype, seq, part: { ...NO_PART, ...part }, after: [...after] },
      ...{
        meets: meets === undefined ? undefined : `${optype.replace(/-(send|recv)$/, '')} ${meets}`,
      },
      ...(this.shape.isBlocking === true ? { batch: this.batch } : {}),
      ...{ durationS, startS: 0, endS: 0 },
    };
    this.lastOf.set(optype, made);
    this.operations.push(made);
    return made;
  }
}

/** The same on both sides. */
function transferS(microbatch: number, sender: number): number {
  return 0.002 + 0.001 * ((microbatch + sender) % 3);
}

/** Pushes times later until every constraint holds. */
function settle(workers: readonly Operation[][]): void {
  const members = new Map<string, Operation[]>();
  for (const operation of workers.flat()) {
    if (operation.meets === undefined) continue;
    members.set(operation.meets, [...(members.get(operation.meets) ?? []), operation]);
  }
  const latest = (operations: readonly Operation[], time: (operation: Operation) => number) =>
    operations.reduce((s, operation) => Math.max(s, time(operation)), 0);
  for (let changed = true; changed;) {
    changed = false;
    for (const operations of workers) {
      for (const operation of operations) {
        const { after, meets, batch, durationS } = operation;
        const startS = latest(after, ({ endS }) => endS);
        const begun = meets === undefined ? [operation] : members.get(meets)!;
        const metS = Math.max(
          startS,
          latest(begun, (other) => other.startS),
        );
        const together =
          batch === undefined ? [] : operations.filter((other) => other.batch === batch);
        const endS = Math.max(
          metS + durationS,
          latest(together, (other) => other.endS),
        );
        if (startS > operation.startS || endS > operation.endS) changed = true;
        operation.startS = startS;
        operation.endS = endS;
      }
    }
  }
}

/** Rows as a Parquet file. Of other codecs than Snappy only the name is written. */
export function traceFile(rows: readonly Partial<TraceRow>[], codec?: 'ZSTD'): ArrayBuffer {
  const names = Object.keys(rows[0]!) as (keyof TraceRow)[];
  return parquetWriteBuffer({
    columnData: names.map((name) => ({ name, data: rows.map((row) => row[name]!) })),
    ...(codec === undefined ? {} : { codec, compressors: { [codec]: (bytes) => bytes } }),
  });
}
