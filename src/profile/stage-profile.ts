/**
 * A stage profile: for every stage of a pipeline and every kind of instruction, what it costs to
 * run it at each GPU clock. Plain data; nothing here computes.
 */

/** Kinds of instruction, in the order of their index in typed arrays (`dag.kind[i]`). */
export const INSTRUCTION_KINDS = ['forward', 'backward'] as const;

export type InstructionKind = (typeof INSTRUCTION_KINDS)[number];

/** Index of each kind in INSTRUCTION_KINDS. */
export const FORWARD = 0;
export const BACKWARD = 1;

/** One way to execute an instruction: a locked clock and what one GPU takes and uses at it. */
export interface ExecutionOption {
  readonly frequencyMHz: number;
  readonly timeS: number;
  readonly energyJ: number;
}

/** Options of every kind of instruction of one stage, highest clock first. */
export type StageOptions = Readonly<Record<InstructionKind, readonly ExecutionOption[]>>;

/** What was measured (or fitted) for each stage of a pipeline, for one GPU of each stage. */
export interface StageProfile {
  /** File or catalog entry it came from, for messages and provenance. */
  readonly source: string;
  /** One entry per stage, first stage first. */
  readonly stages: readonly StageOptions[];
}

/** Makes a record with an entry for every kind of instruction. */
export function byKind<T>(make: (kind: InstructionKind) => T): Record<InstructionKind, T> {
  return { forward: make('forward'), backward: make('backward') };
}

/** The same stages with `scale` times as much work each: times and energies multiplied. */
export function scaleProfile(profile: StageProfile, scale: number): StageProfile {
  return {
    source: profile.source,
    stages: profile.stages.map((stage) =>
      byKind((kind) =>
        stage[kind].map(({ frequencyMHz, timeS, energyJ }) => ({
          frequencyMHz,
          timeS: timeS * scale,
          energyJ: energyJ * scale,
        })),
      ),
    ),
  };
}
