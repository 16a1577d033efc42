import { BrokenStepError } from '../../src/errors.js';
import { least, most } from '../../src/extremes.js';
import type { Direction, TransferRule } from './operation-kinds.js';
import type { Worker } from './recorded-steps.js';
import { type StepDraft } from './step-draft.js';

/** The clocks of one host agree to within this. */
const CLOCK_S = 5e-5;

/** A computation that received nothing, and the result that it needs. */
interface Unfed {
  readonly operation: number;
  readonly input: string;
}

/** Names of a computation's input and output. */
interface Handover {
  /** Undefined at the beginning of the model. */
  readonly input: string | undefined;
  readonly output: string;
  /** Whether any computation needs the output. */
  readonly isNeeded: boolean;
}

/**
 * Assigns each transfer to its computation, and pairs sends with receives: those of the n-th
 * microbatch between the same two parts of the model. A part of the model receives from the part
 * before it, wherever that is; parts may therefore go round the stages several times.
 */
export class Transfers {
  private readonly computedBy = new Map<string, number>();
  private readonly unfed: Unfed[] = [];
  private readonly pairs = new Map<string, Partial<Record<'send' | 'recv', number>>>();

  constructor(
    private readonly draft: StepDraft,
    private readonly modelStages: number,
    private readonly transferRule: TransferRule,
  ) {}

  /**
   * A worker's transfers of one direction.
   * @throws BrokenStepError if there are too few or too many for its computations.
   */
  add(worker: Worker, computations: readonly number[], direction: Direction): void {
    const { draft } = this;
    const computing = computations.filter((i) => draft.kind(i) === `${direction}-compute`);
    const handovers = this.handoversOf(worker, computing, direction);
    const fed = draft.isTraced(`${direction}-send`)
      ? this.link(worker, computing, handovers, direction)
      : [];
    computing.forEach((operation, k) => {
      const { input } = handovers[k]!;
      if (input !== undefined && !fed.includes(k)) this.unfed.push({ operation, input });
    });
  }

  /**
   * Links a worker's transfers with its computations, and records which of these received
   * something.
   */
  private link(
    worker: Worker,
    computing: readonly number[],
    handovers: readonly Handover[],
    direction: Direction,
  ): number[] {
    const { draft } = this;
    const receives = draft.ofKind(worker, `${direction}-recv`);
    const sends = draft.ofKind(worker, `${direction}-send`);
    draft.chain(receives);
    draft.chain(sends);
    // If stages hold several parts, calls that moved nothing are recorded at both ends of a step.
    const lastStartS = most(computing.map((i) => draft.start(i)));
    const firstEndS = least(computing.map((i) => draft.end(i)));
    const used = {
      recv: receives.filter((i) => draft.start(i) <= lastStartS + CLOCK_S),
      send: sends.filter((i) => draft.end(i) >= firstEndS - CLOCK_S),
    };
    const fed = takers(worker, used.recv, handovers, direction, 'recv');
    used.recv.forEach((receive, k) => {
      const at = fed[k]!;
      draft.wait(computing[at]!, receive);
      if (at > 0) draft.wait(receive, computing[at - 1]!);
      const { input } = handovers[at]!;
      if (input !== undefined) this.pair('recv', receive, input);
    });
    const senders = takers(worker, used.send, handovers, direction, 'send');
    used.send.forEach((send, k) => {
      draft.wait(send, computing[senders[k]!]!);
      const { output, isNeeded } = handovers[senders[k]!]!;
      if (isNeeded) this.pair('send', send, output);
    });
    return fed;
  }

  /**
   * Makes computations that received nothing wait for the computation that produced their input.
   * @throws BrokenStepError if a transfer has only one side.
   */
  finish(): void {
    const { draft } = this;
    for (const [name, { send, recv }] of this.pairs) {
      if (send === undefined || recv === undefined) {
        throw new BrokenStepError(`the ${name} has one side only`);
      }
      // A sender that was done before its receiver began did not wait for it.
      const isBuffered = draft.end(send) < draft.start(recv) - CLOCK_S;
      if (isBuffered && this.transferRule === 'blocking') {
        draft.wait(recv, send);
        continue;
      }
      draft.meet(send, name);
      draft.meet(recv, name);
    }
    for (const { operation, input } of this.unfed) {
      const maker = this.computedBy.get(input);
      if (maker !== undefined) draft.wait(operation, maker);
    }
  }

  /** Names of the inputs and outputs of computations in one direction. */
  private handoversOf(
    worker: Worker,
    computing: readonly number[],
    direction: Direction,
  ): Handover[] {
    const { pipeline, place } = worker;
    const towards = direction === 'forward' ? 1 : -1;
    const isModelStage = (v: number) => v >= 0 && v < this.modelStages;
    const name = (v: number, nth: number) =>
      `${direction} transfer ${nth} from model stage ${v} of pipeline ${pipeline}, place ${place}`;
    const seen = new Map<number, number>();
    return computing.map((i) => {
      const v = this.draft.modelStage(i);
      const nth = seen.get(v) ?? 0;
      seen.set(v, nth + 1);
      const output = name(v, nth);
      this.computedBy.set(output, i);
      return {
        input: isModelStage(v - towards) ? name(v - towards, nth) : undefined,
        output,
        isNeeded: isModelStage(v + towards),
      };
    });
  }

  private pair(side: 'send' | 'recv', i: number, name: string): void {
    this.pairs.set(name, { ...this.pairs.get(name), [side]: i });
  }
}

/**
 * The computation of each transfer: either every computation has one, or only those that need one.
 * Of the calls that move nothing, the first receive or the last send may be missing.
 */
function takers(
  { rank }: Worker,
  transfers: readonly number[],
  handovers: readonly Handover[],
  direction: Direction,
  way: 'recv' | 'send',
): number[] {
  const needs = handovers.map(({ input, isNeeded }) => {
    return way === 'recv' ? input !== undefined : isNeeded;
  });
  const all = [...handovers.keys()];
  const isIdle = way === 'recv' ? needs[0] === false : needs.at(-1) === false;
  const choices = [
    all,
    all.filter((k) => needs[k]),
    ...(isIdle ? [way === 'recv' ? all.slice(1) : all.slice(0, -1)] : []),
  ];
  const found = choices.find((choice) => choice.length === transfers.length);
  if (found !== undefined) return found;
  throw new BrokenStepError(
    `rank ${rank} has ${transfers.length} ${direction}-${way} for ${handovers.length} ${direction}-compute`,
  );
}
