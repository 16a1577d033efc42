import { FORWARD } from '../../src/profile/operation.js';
import type { Lags } from '../../src/pipeline/critical-path.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import { linkBetween, linkCount } from '../../src/pipeline/links.js';

/**
 * Time that a pipeline spends on other things than computing: what closes the gap between a plain
 * schedule and measured jobs. This file alone knows how such times enter a schedule.
 */

/**
 * How a point-to-point transfer holds up its two stages. Measured iteration times cannot tell the
 * two apart once their transfer times are fitted; the fitted times differ by about a factor of 2.
 *
 * - `exchange`: sends and receives in opposite directions over a link are one exchange, so stage s
 *   pays it after each forward and stage s + 1 after each backward: an interior stage pays two per
 *   microbatch. What is sent arrives when the exchange ends.
 * - `message`: every message costs both sides: the sender after the instruction that made it, the
 *   receiver before the one that needs it, which may begin to receive as soon as the sender has
 *   computed and it is itself free. An interior stage pays four per microbatch.
 * - `overlapped`: both stages compute on while a message is under way; it arrives so much later.
 */
export type TransferRule = 'exchange' | 'message' | 'overlapped';

/** Overheads of one pipeline; all zero by default. */
export interface TimingOverheads {
  /** Per stage: loading a microbatch before each forward; of several parts of the model, the first. */
  readonly loadingS: readonly number[];
  /**
   * Per link: one transfer, in either direction. Link s joins stages s and s + 1, link
   * `stages − 1` the last and the first one, where a schedule goes round.
   */
  readonly transferS: readonly number[];
  /** Default: `exchange`. */
  readonly transferRule?: TransferRule;
  /** After all pipelines have met, waiting: whatever an iteration ends with. */
  readonly iterationConstantS: number;
  /** After all pipelines have met: adding up their gradients; nothing if left out. */
  readonly gradientReductionS?: number;
  /**
   * After all pipelines have met: adding up gradients and stepping the optimizer, as measured in
   * one, at a power of its own; nothing if left out.
   */
  readonly synchronisationS?: number | undefined;
}

/** What all pipelines do together after they have met, in order of time; then comes the constant. */
export const AFTER_MEETING = [
  { activity: 'reducing gradients', field: 'gradientReductionS' },
  { activity: 'synchronising', field: 'synchronisationS' },
] as const satisfies readonly { activity: string; field: keyof TimingOverheads }[];

/** From the meeting of all pipelines until the next iteration. */
export function afterMeetingS(timing: TimingOverheads): number {
  return AFTER_MEETING.reduce(
    (sumS, { field }) => sumS + (timing[field] ?? 0),
    timing.iterationConstantS,
  );
}

/** No overheads at all. */
export function noOverheads(stageCount: number): TimingOverheads {
  return {
    loadingS: new Array<number>(stageCount).fill(0),
    transferS: new Array<number>(stageCount).fill(0),
    iterationConstantS: 0,
  };
}

/** What the overheads mean for each instruction: parallel arrays. */
export interface InstructionTiming {
  /** Its stage loads a microbatch for so long before it computes. */
  readonly loadingS: Float64Array;
  /** Its stage receives for so long before it computes. */
  readonly receiveS: Float64Array;
  /** Its stage sends for so long after it has computed, and does nothing else meanwhile. */
  readonly sendS: Float64Array;
  /** From the end of its computing until another stage can use the output. */
  readonly outputDelayS: Float64Array;
}

/**
 * Lays the overheads on a schedule. O(instructions).
 * @throws RangeError when the overheads are not those of such a pipeline.
 */
export function instructionTiming(dag: ComputationDag, timing: TimingOverheads): InstructionTiming {
  checkOverheads(dag, timing);
  const zero = () => new Float64Array(dag.instructionCount);
  /** Transfer between an instruction's stage and another one; −1 is none. */
  const transfers = (otherStage: Int32Array) =>
    Float64Array.from(otherStage, (other, i) =>
      other < 0 ? 0 : timing.transferS[linkBetween(dag.stage[i]!, other, dag.stageCount)]!,
    );
  const sendS = transfers(dag.outputStage);
  const loadingS = Float64Array.from(dag.kind, (kind, i) =>
    kind === FORWARD ? (timing.loadingS[dag.operations[dag.operation[i]!]!.modelStage] ?? 0) : 0,
  );
  switch (timing.transferRule ?? 'exchange') {
    case 'exchange':
      return { loadingS, receiveS: zero(), sendS, outputDelayS: sendS };
    case 'message':
      return { loadingS, receiveS: transfers(dag.inputStage), sendS, outputDelayS: zero() };
    case 'overlapped':
      return { loadingS, receiveS: zero(), sendS: zero(), outputDelayS: sendS };
  }
}

/**
 * Overheads for a planner that wants to know: how long after its computing an instruction keeps its
 * stage and its output. Loading and receiving come before, which makes no difference to others:
 * all of it together begins when the stage is free and the input is there.
 */
export function overheadLags(dag: ComputationDag, timing: TimingOverheads): Lags {
  const { loadingS, receiveS, sendS, outputDelayS } = instructionTiming(dag, timing);
  const before = loadingS.map((timeS, i) => timeS + receiveS[i]!);
  return {
    ownStage: before.map((timeS, i) => timeS + sendS[i]!),
    otherStage: before.map((timeS, i) => timeS + outputDelayS[i]!),
  };
}

function checkOverheads(dag: ComputationDag, timing: TimingOverheads): void {
  const check = (name: string, values: readonly number[], fewest: number, most = fewest): void => {
    if (values.length < fewest || values.length > most) {
      throw new RangeError(`${name} has ${values.length} entries, expected ${fewest}`);
    }
    const wrong = values.find((value) => !(value >= 0 && value < Infinity));
    if (wrong !== undefined) throw new RangeError(`${name} holds ${wrong}, expected 0 s or more`);
  };
  check('loadingS', timing.loadingS, dag.stageCount);
  check('transferS', timing.transferS, linkCount(dag), dag.stageCount);
  check('iterationConstantS', [timing.iterationConstantS], 1);
  for (const { field } of AFTER_MEETING) check(field, [timing[field] ?? 0], 1);
}
