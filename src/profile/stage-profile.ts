/**
 * A stage profile: for every stage of a pipeline and every kind of instruction, the cost of running
 * it at each GPU clock. Plain data; nothing here computes.
 */

/** Kinds of instruction that a profile holds; those of `operation.ts` are derived from them. */
export const PROFILED_KINDS = ['forward', 'backward'] as const;

export type ProfiledKind = (typeof PROFILED_KINDS)[number];

/** One way to execute an instruction: a locked clock, and one GPU's time and energy at it. */
export interface ExecutionOption {
  readonly frequencyMHz: number;
  readonly timeS: number;
  readonly energyJ: number;
}

/** The origin of options: each measured, with noise, or taken from fitted curves, without noise. */
export type OptionOrigin = 'measured' | 'fitted';

/** Options of every profiled kind of instruction of one stage, highest clock first. */
export type StageOptions = Readonly<Record<ProfiledKind, readonly ExecutionOption[]>>;

/** The measurements (or fits) of each stage of a pipeline, for one GPU of each stage. */
export interface StageProfile {
  /** The file or catalog entry it came from, for messages and provenance. */
  readonly source: string;
  /** Whether each option was measured, with noise (the default), or comes from fitted curves. */
  readonly origin?: OptionOrigin;
  /** The likely error of its times, percent, if they were not measured. */
  readonly timeErrorPct?: number;
  /** One entry per stage, first stage first. */
  readonly stages: readonly StageOptions[];
  /** Sentences on what was left out, converted or guessed during reading. */
  readonly notes?: readonly string[];
}

/** Makes a record with an entry for every profiled kind of instruction. */
export function byKind<T>(make: (kind: ProfiledKind) => T): Record<ProfiledKind, T> {
  return { forward: make('forward'), backward: make('backward') };
}

/** The same stages with `scale` times as much work each: times and energies multiplied. */
export function scaleProfile(profile: StageProfile, scale: number): StageProfile {
  return { ...profile, stages: profile.stages.map((stage) => scaleStage(stage, scale)) };
}

/** A stage with `scale` times as much work. */
export function scaleStage(stage: StageOptions, scale: number): StageOptions {
  return byKind((kind) => scaleOptions(stage[kind], scale));
}

/** Options with `scale` times as much work. */
export function scaleOptions(options: readonly ExecutionOption[], scale: number) {
  return options.map(({ frequencyMHz, timeS, energyJ }) => ({
    frequencyMHz,
    timeS: timeS * scale,
    energyJ: energyJ * scale,
  }));
}
