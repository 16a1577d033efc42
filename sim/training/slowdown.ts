import { FORWARD, RECOMPUTE } from '../../src/profile/operation.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import { linkBetween } from '../../src/pipeline/links.js';
import type { InstructionTiming } from './timing.js';

/** So many times as long; backwards as many times as forwards if left out. `stage`: all if left out. */
interface SlowComputing {
  readonly slowdown: number;
  readonly backwardSlowdown?: number | undefined;
  readonly stage?: number | undefined;
}

/** What makes a pipeline a straggler; `stage` and `link` are all of them if left out. */
export type Slowdown =
  /** It computes all the longer at the same power: a throttled or worn GPU (the paper's E · sf). */
  | ({ readonly cause: 'busy' } & SlowComputing)
  /** It waits at blocking power in the middle of its instructions: for a fault to pass. */
  | ({ readonly cause: 'stall' } & SlowComputing)
  /** It is too hot to run above a clock; plans that stay below do not notice. */
  | {
      readonly cause: 'throttle';
      readonly clockLimitMHz: number;
      readonly stage?: number | undefined;
    }
  /** Its transfers between stages take so many times as long. */
  | { readonly cause: 'slow-link'; readonly slowdown: number; readonly link?: number | undefined }
  /** Every microbatch is loaded so much later. */
  | { readonly cause: 'data-stall'; readonly delayS: number };

/** What slowdowns do to an instruction, all of them together. */
export interface InstructionSlowdown {
  /** Computing takes so many times as long, at the same power. */
  readonly busyFactor: number;
  /** And all that again so many times as long, waiting. */
  readonly stallFactor: number;
}

/** What slowdowns do to a stage. */
export interface StageSlowdown {
  /** Also recomputations. */
  readonly forward: InstructionSlowdown;
  /** Also the parts of backwards that are split. */
  readonly backward: InstructionSlowdown;
  /** No clock above it; Infinity where there is no limit. */
  readonly clockLimitMHz: number;
}

/** What slowdowns do to instructions of a kind. */
export function slowdownOfKind(stage: StageSlowdown, kind: number): InstructionSlowdown {
  return kind === FORWARD || kind === RECOMPUTE ? stage.forward : stage.backward;
}

/** Slowdowns of computing, stage by stage. */
export function stageSlowdowns(
  stageCount: number,
  slowdowns: readonly Slowdown[],
): readonly StageSlowdown[] {
  return Array.from({ length: stageCount }, (_, s) => {
    const here = slowdowns.filter((slow) => stageOf(slow) === undefined || stageOf(slow) === s);
    const factorOf = (cause: 'busy' | 'stall', isBackward: boolean): number =>
      here.reduce((product, slow) => {
        if (slow.cause !== cause) return product;
        const { slowdown, backwardSlowdown = slowdown } = slow;
        return product * (isBackward ? backwardSlowdown : slowdown);
      }, 1);
    const ofKinds = (isBackward: boolean): InstructionSlowdown => ({
      busyFactor: factorOf('busy', isBackward),
      stallFactor: factorOf('stall', isBackward),
    });
    return {
      forward: ofKinds(false),
      backward: ofKinds(true),
      clockLimitMHz: here.reduce(
        (limit, slow) => (slow.cause === 'throttle' ? Math.min(limit, slow.clockLimitMHz) : limit),
        Infinity,
      ),
    };
  });
}

/** The only stage that is slow; undefined if all of them are. */
function stageOf(slowdown: Slowdown): number | undefined {
  return 'stage' in slowdown ? slowdown.stage : undefined;
}

/**
 * Overheads of a pipeline with slow links or late data; undefined where nothing of them is slow.
 * O(instructions · slowdowns).
 */
export function slowedTiming(
  dag: ComputationDag,
  timing: InstructionTiming,
  slowdowns: readonly Slowdown[],
): InstructionTiming | undefined {
  const links = slowdowns.filter((slowdown) => slowdown.cause === 'slow-link');
  const delayS = slowdowns.reduce(
    (sum, slowdown) => sum + (slowdown.cause === 'data-stall' ? slowdown.delayS : 0),
    0,
  );
  if (links.length === 0 && delayS === 0) return undefined;
  const factor = (i: number, other: number): number => {
    if (other < 0) return 1;
    const link = linkBetween(dag.stage[i]!, other, dag.stageCount);
    return links.reduce(
      (product, slow) =>
        product * (slow.link === undefined || slow.link === link ? slow.slowdown : 1),
      1,
    );
  };
  const slowed = (times: Float64Array, otherStage: Int32Array) =>
    times.map((timeS, i) => timeS * factor(i, otherStage[i]!));
  return {
    loadingS: timing.loadingS.map((timeS, i) => (entersPipeline(dag, i) ? timeS + delayS : timeS)),
    receiveS: slowed(timing.receiveS, dag.inputStage),
    sendS: slowed(timing.sendS, dag.outputStage),
    outputDelayS: slowed(timing.outputDelayS, dag.outputStage),
  };
}

/** Whether an instruction is a microbatch's first. */
function entersPipeline(dag: ComputationDag, i: number): boolean {
  return dag.kind[i] === FORWARD && dag.operations[dag.operation[i]!]!.modelStage === 0;
}

/** @throws RangeError when a slowdown is none. */
export function checkSlowdown(slowdown: Slowdown): void {
  const { cause } = slowdown;
  const wrong = (value: number, expected: string) => {
    throw new RangeError(`a straggler (${cause}) has ${value}, expected ${expected}`);
  };
  const checkFactor = (factor: number) => {
    if (!(factor >= 1 && factor < Infinity)) wrong(factor, 'a factor ≥ 1');
  };
  switch (slowdown.cause) {
    case 'throttle':
      if (!(slowdown.clockLimitMHz > 0)) wrong(slowdown.clockLimitMHz, 'a clock above 0 MHz');
      return;
    case 'data-stall':
      if (!(slowdown.delayS >= 0 && slowdown.delayS < Infinity)) wrong(slowdown.delayS, '≥ 0 s');
      return;
    case 'slow-link':
      checkFactor(slowdown.slowdown);
      return;
    default:
      checkFactor(slowdown.slowdown);
      checkFactor(slowdown.backwardSlowdown ?? 1);
  }
}
