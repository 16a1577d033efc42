import { InputError } from '../errors.js';
import {
  scaleOptions,
  type ExecutionOption,
  type StageOptions,
  type StageProfile,
} from './stage-profile.js';

/**
 * Kinds of instruction, in the order of their index in typed arrays (`dag.kind[i]`).
 *
 * @example
 * ```ts
 * import { INSTRUCTION_KINDS, type ComputationDag, type InstructionKind } from 'pipewatt/planner';
 *
 * export function kindOf(dag: ComputationDag, instruction: number): InstructionKind {
 *   return INSTRUCTION_KINDS[dag.kind[instruction]!]!;
 * }
 * console.log(INSTRUCTION_KINDS[0]); // forward
 * ```
 */
export const INSTRUCTION_KINDS = [
  'forward',
  /** Gradients of a stage's input and of its weights. */
  'backward',
  /** The forward once more, for activations that were not kept. */
  'recompute',
  /** The part of the backward that the stage before waits for. */
  'input-gradient',
  /** The part of the backward that no other stage waits for before the iteration's end. */
  'weight-gradient',
] as const;

/** A kind of instruction, one of `INSTRUCTION_KINDS`. */
export type InstructionKind = (typeof INSTRUCTION_KINDS)[number];

/** Index of each kind in INSTRUCTION_KINDS. */
export const FORWARD = 0;
export const BACKWARD = 1;
export const RECOMPUTE = 2;
export const INPUT_GRADIENT = 3;
export const WEIGHT_GRADIENT = 4;

/** Instructions that share their options: one kind, of one part of the model, on one stage. */
export interface Operation {
  /** Row of the pipeline: the GPUs that run it. */
  readonly stage: number;
  /** Index of the model stage among those that these GPUs hold; 0 if they hold one. */
  readonly chunk: number;
  /** The model stage, which is a stage of the profile. */
  readonly modelStage: number;
  readonly kind: InstructionKind;
}

/** Rules that derive the kinds that no profile holds from those that it holds. */
export interface Derivation {
  /**
   * The fraction of the backward that computes the input's gradient. Both gradients are matrix
   * products of equal size (Qi et al., Zero Bubble Pipeline Parallelism, ICLR '24), hence a half by
   * default.
   */
  readonly inputGradientShare: number;
  /**
   * Whether the profiled backward begins by recomputing the forward. If so, the time of a
   * `recompute` instruction is taken out of the backward; otherwise it is added.
   */
  readonly recomputeInBackward: boolean;
}

const DEFAULT_DERIVATION: Derivation = {
  inputGradientShare: 0.5,
  recomputeInBackward: false,
};

/**
 * The options of an operation.
 * @param recomputes whether the operation's stage runs instructions of the kind `recompute`.
 * @throws InputError if a backward is too short to include the recomputation that it is said to
 *   include.
 */
export function operationOptions(
  profile: StageProfile,
  { modelStage, kind }: Operation,
  derivation: Derivation = DEFAULT_DERIVATION,
  recomputes = false,
): readonly ExecutionOption[] {
  const stage = profile.stages[modelStage]!;
  const { inputGradientShare, recomputeInBackward } = derivation;
  switch (kind) {
    case 'forward':
    case 'recompute':
      return stage.forward;
    case 'backward':
      return recomputes && recomputeInBackward
        ? backwardAlone(stage, profile.source, modelStage)
        : stage.backward;
    case 'input-gradient':
      return scaleOptions(stage.backward, inputGradientShare);
    case 'weight-gradient':
      return scaleOptions(stage.backward, 1 - inputGradientShare);
  }
}

/** A backward without its recomputation: clock by clock, less the forward's time and energy. */
function backwardAlone(
  { forward, backward }: StageOptions,
  source: string,
  modelStage: number,
): ExecutionOption[] {
  const forwardAt = new Map(forward.map((option) => [option.frequencyMHz, option]));
  const alone = backward.flatMap((whole) => {
    const part = forwardAt.get(whole.frequencyMHz);
    if (part === undefined) return [];
    const timeS = whole.timeS - part.timeS;
    const energyJ = whole.energyJ - part.energyJ;
    return timeS > 0 && energyJ > 0 ? [{ frequencyMHz: whole.frequencyMHz, timeS, energyJ }] : [];
  });
  if (alone.length > 0) return alone;
  throw InputError.of({
    source,
    field: `stage ${modelStage}`,
    message:
      'its backward takes no longer than its forward, so it cannot include a recomputation; leave recomputeInBackward out',
  });
}
