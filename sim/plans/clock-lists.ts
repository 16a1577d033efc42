import type { InstructionKind } from '../../src/profile/operation.js';

/** One instruction of a stage's iteration, and its clock. */
export interface ClockEntry {
  /** Absent in older files, which list clocks only. */
  readonly kind?: InstructionKind | undefined;
  /** 0 leaves the clock as it is. */
  readonly frequencyMHz: number;
}

/** The instructions of one iteration of one stage in execution order. */
export type StageClocks = readonly ClockEntry[];

/**
 * The clocks of one pipeline, stage by stage: the content of a plan file, and of the schedules that
 * a server gives to ranks.
 */
export type PipelineClocks = readonly StageClocks[];
