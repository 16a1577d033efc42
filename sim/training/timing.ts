import { FORWARD } from '../../src/profile/operation.js';
import type { Lags } from '../../src/pipeline/critical-path.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import { linkBetween, linkCount } from '../../src/pipeline/links.js';

/**
 * Time that a pipeline spends on things other than computing; it closes the gap between a plain
 * schedule and measured jobs. Only this file knows how such times enter a schedule.
 */

/**
 * The way in which a point-to-point transfer holds up its two stages. Measured iteration times
 * cannot distinguish the first two once their transfer times are fitted; the fitted times differ by
 * about a factor of 2.
 *
 * - `exchange`: sends and receives in opposite directions over a link are one exchange, so stage
 *   s pays for it after each forward and stage s + 1 after each backward: an interior stage pays
 *   for two per microbatch. Data arrives when the exchange ends.
 * - `message`: every message costs both sides: the sender after the instruction that produced it,
 *   the receiver before the one that needs it. The receiver may begin once the sender has computed
 *   and it is itself free. An interior stage pays for four per microbatch.
 * - `overlapped`: both stages keep computing while a message is under way; it arrives this much
 *   later.
 */
export type TransferRule = 'exchange' | 'message' | 'overlapped';

/** Overheads of one pipeline; all zero by default. */
export interface TimingOverheads {
  /**
   * Per stage: loading a microbatch before each forward; with several parts of the model, before
   * the first part's.
   */
  readonly loadingS: readonly number[];
  /**
   * Per link: one transfer, in either direction. Link s joins stages s and s + 1, link `stages − 1`
   * joins the last stage and the first, if a schedule wraps around.
   */
  readonly transferS: readonly number[];
  /** Default: `exchange`. */
  readonly transferRule?: TransferRule;
  /** After all pipelines have met: a constant spent waiting at the end of the iteration. */
  readonly iterationConstantS: number;
  /** After all pipelines have met: adding up their gradients; none if left out. */
  readonly gradientReductionS?: number;
  /**
   * After all pipelines have met: adding up gradients and stepping the optimizer, measured as one,
   * at its own power; none if left out.
   */
  readonly synchronisationS?: number | undefined;
}

/**
 * Joint activities of all pipelines after they have met, in order of time; the constant follows.
 */
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

/** The overheads of each instruction, as parallel arrays. */
export interface InstructionTiming {
  /** The time for which its stage loads a microbatch before computing. */
  readonly loadingS: Float64Array;
  /** The time for which its stage receives before computing. */
  readonly receiveS: Float64Array;
  /** The time for which its stage sends after computing, doing nothing else meanwhile. */
  readonly sendS: Float64Array;
  /** From the end of its computing until another stage can use the output. */
  readonly outputDelayS: Float64Array;
}

/**
 * Assigns the overheads to a schedule's instructions. O(instructions).
 * @throws RangeError if the overheads do not fit such a pipeline.
 */
export function instructionTiming(dag: ComputationDag, timing: TimingOverheads): InstructionTiming {
  checkOverheads(dag, timing);
  const zero = () => new Float64Array(dag.instructionCount);
  /** Transfer between an instruction's stage and another stage; −1 means no stage. */
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
 * Overheads for planners that consider them: how long after its computing an instruction occupies
 * its stage and holds its output back. Loading and receiving come before the computing, which makes
 * no difference: the whole begins when the stage is free and the input is there.
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
