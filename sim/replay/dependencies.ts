import { BrokenStepError } from '../../src/errors.js';
import { most } from '../../src/extremes.js';
import { DIRECTIONS, type KindRule, type TransferRule } from './operation-kinds.js';
import type { RecordedStep, Worker } from './recorded-steps.js';
import { StepDraft } from './step-draft.js';
import { Transfers } from './transfers.js';
import type { Trace } from './trace.js';

/**
 * An operation that ended up to this long after another began may still have been awaited by it.
 */
const OVERLAP_S = 1e-3;
/** The same for transfers, which are numerous: no more than the clocks of one host may differ. */
const TRANSFER_OVERLAP_S = 2e-4;

/**
 * The waits within a step, derived from the order in which every worker ran its operations. The
 * model is that of Lin et al. (Understanding Stragglers in Large Model Training Using What-if
 * Analysis, OSDI '25, section 3): on each worker computations follow each other, and so do
 * transfers of one kind; a receive comes before the computation that needs it, a send after the one
 * that made it; operations that meet end once the last of them has begun and their own time has
 * passed.
 *
 * @param modelStages number of parts of the model.
 * @param transferRule how transfers hold up workers.
 * @throws BrokenStepError if an operation lacks the operations that it meets.
 */
export function dependencies(
  trace: Trace,
  step: RecordedStep,
  rules: readonly (KindRule | undefined)[],
  modelStages: number,
  transferRule: TransferRule,
): StepDraft {
  const draft = new StepDraft(trace, step, rules);
  const transfers = new Transfers(draft, modelStages, transferRule);
  const meetings = new Meetings(draft);
  for (const worker of step.workers) {
    const { inTurn, beside, computations } = programmeOf(draft, worker);
    draft.chain(inTurn);
    draft.chain(beside);
    linkExchanges(draft, computations, inTurn, beside);
    for (const direction of DIRECTIONS) transfers.add(worker, computations, direction);
    if (transferRule === 'blocking') holdUp(draft, worker, inTurn);
    else beginBackwards(draft, worker, computations);
    meetings.add(worker);
  }
  transfers.finish();
  meetings.finish();
  return draft;
}

/** A worker's operations in order of start, as indexes into the step's operations. */
interface Programme {
  readonly computations: readonly number[];
  /** Computations, and the operations that run in sequence with them. */
  readonly inTurn: readonly number[];
  /** Exchanges of parameters and gradients that run beside computations and follow each other. */
  readonly beside: readonly number[];
}

function programmeOf(draft: StepDraft, { first, end }: Worker): Programme {
  const all = Array.from({ length: end - first }, (_, k) => first + k);
  const computations = all.filter((i) => draft.rule(i).role === 'compute');
  const lastS = most(computations.map((i) => draft.end(i)));
  // If there is a separate reduction at the end, the others are meant to run beside computations.
  const isSeparate = draft.trace.kinds.includes('separate-grads-all-reduce');
  const isBeside = (i: number) => {
    const { role } = draft.rule(i);
    return (
      role === 'parameters' || (role === 'gradients' && (isSeparate || draft.start(i) < lastS))
    );
  };
  return {
    computations,
    inTurn: all.filter((i) => draft.rule(i).role !== 'transfer' && !isBeside(i)),
    beside: all.filter(isBeside),
  };
}

/**
 * Computing a part of the model waits for its parameters; adding up its gradients waits for the
 * computing.
 */
function linkExchanges(
  draft: StepDraft,
  computations: readonly number[],
  inTurn: readonly number[],
  beside: readonly number[],
): void {
  const forwards = computations.filter((i) => draft.kind(i) === 'forward-compute');
  const backwards = computations.filter((i) => draft.kind(i) === 'backward-compute');
  const isBefore = (a: number, b: number) => draft.end(a) <= draft.start(b) + OVERLAP_S;
  for (const i of beside) {
    const isOfChunk = (j: number) => draft.chunk(i) < 0 || draft.chunk(j) === draft.chunk(i);
    if (draft.rule(i).role === 'parameters') {
      const user = forwards.find((j) => isOfChunk(j) && isBefore(i, j));
      if (user !== undefined) draft.wait(user, i);
      continue;
    }
    const last = backwards.findLast(isOfChunk);
    const maker =
      last !== undefined && isBefore(last, i) ? last : computations.findLast((j) => isBefore(j, i));
    if (maker !== undefined) draft.wait(i, maker);
    const isUser = (j: number) => draft.rule(j).role === 'in-turn' && draft.kind(j) !== 'gc';
    const user = inTurn.find((j) => isUser(j) && isBefore(i, j));
    if (user !== undefined) draft.wait(user, i);
  }
}

/** The first transfers of gradients begin once the forward before last is done. */
function beginBackwards(draft: StepDraft, worker: Worker, computations: readonly number[]): void {
  const at = computations.findIndex((i) => draft.kind(i) === 'backward-compute');
  if (at < 2) return;
  for (const kind of ['backward-send', 'backward-recv']) {
    const [first] = draft.ofKind(worker, kind);
    if (first !== undefined) draft.wait(first, computations[at - 2]!);
  }
}

/** A worker computes once its transfers are done, and transfers once it has computed. */
function holdUp(draft: StepDraft, { first, end }: Worker, inTurn: readonly number[]): void {
  const isBefore = (a: number, b: number) => draft.end(a) <= draft.start(b) + TRANSFER_OVERLAP_S;
  const next = inTurn[Symbol.iterator]();
  let pending: number[] = [];
  let last: number | undefined;
  let coming = next.next().value;
  for (let i = first; i < end; i++) {
    if (i === coming) {
      const done = pending.filter((transfer) => isBefore(transfer, i));
      for (const transfer of done) draft.wait(i, transfer);
      pending = pending.filter((transfer) => !done.includes(transfer));
      last = i;
      coming = next.next().value;
    } else if (draft.rule(i).role === 'transfer') {
      if (last !== undefined && isBefore(last, i)) draft.wait(i, last);
      pending.push(i);
    }
  }
}

/** Operations that several workers do together. */
class Meetings {
  /** For each kind and circle of workers: how often each worker did it. */
  private readonly counts = new Map<string, number[]>();

  constructor(private readonly draft: StepDraft) {}

  add({ pipeline, stage, place, first, end }: Worker): void {
    const circles = {
      nobody: undefined,
      counterpart: undefined,
      pipelines: `of stage ${stage}, place ${place}`,
      stages: `of pipeline ${pipeline}, place ${place}`,
      everyone: 'of the job',
    };
    const own = new Map<string, number>();
    for (let i = first; i < end; i++) {
      const circle = circles[this.draft.rule(i).meets];
      if (circle === undefined) continue;
      const name = `${this.draft.kind(i)} ${circle}`;
      const nth = own.get(name) ?? 0;
      own.set(name, nth + 1);
      this.draft.meet(i, `${name}, ${nth}`);
    }
    for (const [name, count] of own) {
      const known = this.counts.get(name);
      if (known === undefined) this.counts.set(name, [count]);
      else known.push(count);
    }
  }

  /**
   * @throws BrokenStepError if they did not all do it equally often.
   */
  finish(): void {
    for (const [name, counts] of this.counts) {
      const [fewest, most] = [Math.min(...counts), Math.max(...counts)];
      if (fewest === most) continue;
      throw new BrokenStepError(`${name} came ${fewest} times on one rank, ${most} on another`);
    }
  }
}
