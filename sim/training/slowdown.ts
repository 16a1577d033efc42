import { FORWARD, RECOMPUTE } from '../../src/profile/operation.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import { linkBetween } from '../../src/pipeline/links.js';
import type { InstructionTiming } from './timing.js';

/**
 * The factor on computing times; that of backwards defaults to that of forwards. `stage`: all if
 * left out.
 */
interface SlowComputing {
  readonly slowdown: number;
  readonly backwardSlowdown?: number | undefined;
  readonly stage?: number | undefined;
}

/** The cause that makes a pipeline a straggler; `stage` and `link` mean all of them if left out. */
export type Slowdown =
  /**
   * It computes this many times longer, at the same power: a throttled or worn GPU (the paper's E ·
   * sf).
   */
  | ({ readonly cause: 'busy' } & SlowComputing)
  /** It waits at blocking power in the middle of its instructions, until a fault passes. */
  | ({ readonly cause: 'stall' } & SlowComputing)
  /** It is too hot to run above a clock; plans that stay below are unaffected. */
  | {
      readonly cause: 'throttle';
      readonly clockLimitMHz: number;
      readonly stage?: number | undefined;
    }
  /** Its transfers between stages take this many times longer. */
  | { readonly cause: 'slow-link'; readonly slowdown: number; readonly link?: number | undefined }
  /** Every microbatch is loaded this much later. */
  | { readonly cause: 'data-stall'; readonly delayS: number };

/** The combined effect of slowdowns on an instruction. */
export interface InstructionSlowdown {
  /** Factor on computing, at the same power. */
  readonly busyFactor: number;
  /** Further factor on the whole, spent waiting. */
  readonly stallFactor: number;
}

/** The combined effect of slowdowns on a stage. */
export interface StageSlowdown {
  /** Applies to recomputations too. */
  readonly forward: InstructionSlowdown;
  /** Applies to both parts of split backwards too. */
  readonly backward: InstructionSlowdown;
  /** The highest clock; Infinity if there is no limit. */
  readonly clockLimitMHz: number;
}

/** The combined effect of slowdowns on instructions of a kind. */
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

/** The only slow stage; undefined if all of them are slow. */
function stageOf(slowdown: Slowdown): number | undefined {
  return 'stage' in slowdown ? slowdown.stage : undefined;
}

/**
 * Overheads of a pipeline with slow links or late data; undefined if neither is slow.
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

/** Whether an instruction is the first of a microbatch. */
function entersPipeline(dag: ComputationDag, i: number): boolean {
  return dag.kind[i] === FORWARD && dag.operations[dag.operation[i]!]!.modelStage === 0;
}

/**
 * @throws RangeError if a slowdown is invalid.
 */
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
