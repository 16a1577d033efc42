import type { KindRule } from './operation-kinds.js';
import type { RecordedStep, Worker } from './recorded-steps.js';
import type { Trace } from './trace.js';

/**
 * A step under construction: the waits between operations, and the groups that meet. Operations are
 * numbered as in the step, worker by worker.
 */
export class StepDraft {
  /** Pairs: operation `waiting[k]` waits for the end of operation `awaited[k]`. */
  readonly waiting: number[] = [];
  readonly awaited: number[] = [];
  /** Per operation: the group that it meets, or −1. */
  readonly group: Int32Array;
  private readonly groupNumbers = new Map<string, number>();

  constructor(
    readonly trace: Trace,
    private readonly step: RecordedStep,
    private readonly rules: readonly (KindRule | undefined)[],
  ) {
    this.group = new Int32Array(step.operation.length).fill(-1);
  }

  get groupCount(): number {
    return this.groupNumbers.size;
  }

  start(i: number): number {
    return this.trace.startS[this.step.operation[i]!]!;
  }

  end(i: number): number {
    return this.start(i) + this.trace.durationS[this.step.operation[i]!]!;
  }

  kind(i: number): string {
    return this.trace.kinds[this.trace.kind[this.step.operation[i]!]!]!;
  }

  /** Operations without a rule are not part of steps. */
  rule(i: number): KindRule {
    return this.rules[this.trace.kind[this.step.operation[i]!]!]!;
  }

  /** Whether a replay covers operations of that kind. */
  isTraced(kind: string): boolean {
    const k = this.trace.kinds.indexOf(kind);
    return k >= 0 && this.rules[k] !== undefined;
  }

  chunk(i: number): number {
    return this.trace.chunk[this.step.operation[i]!]!;
  }

  modelStage(i: number): number {
    return modelStageOf(this.trace, this.step.operation[i]!);
  }

  /** A worker's operations of a kind, in order. */
  ofKind({ first, end }: Worker, kind: string): number[] {
    const found: number[] = [];
    for (let i = first; i < end; i++) if (this.kind(i) === kind) found.push(i);
    return found;
  }

  wait(waiting: number, awaited: number): void {
    this.waiting.push(waiting);
    this.awaited.push(awaited);
  }

  /** Each waits for the one before. */
  chain(operations: readonly number[]): void {
    operations.forEach((i, k) => {
      if (k > 0) this.wait(i, operations[k - 1]!);
    });
  }

  /** Adds an operation to the group with that name. */
  meet(i: number, name: string): void {
    const number = this.groupNumbers.get(name) ?? this.groupNumbers.size;
    this.groupNumbers.set(name, number);
    this.group[i] = number;
  }
}

/** The model stage that an operation computes: as recorded, or else the pipeline's stage. */
export function modelStageOf(trace: Trace, operation: number): number {
  const recorded = trace.modelStage[operation]!;
  return recorded >= 0 ? recorded : trace.stage[operation]!;
}

/** Parts of the model that occur in a trace's computations. O(operations). */
export function modelStageCount(trace: Trace): number {
  const computes = trace.kinds.map((kind) => kind.endsWith('-compute'));
  let last = 0;
  for (let i = 0; i < trace.operationCount; i++) {
    if (computes[trace.kind[i]!] === true) last = Math.max(last, modelStageOf(trace, i));
  }
  return last + 1;
}
