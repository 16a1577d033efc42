import type { Activity } from '../../training/phases.js';

/**
 * One iteration under several policies. Every box of one policy has its counterpart in the others, so that
 * one drawing can change into another. Plain data in few digits: it crosses threads, and is part of reports.
 */
export interface Timeline {
  /** Policies, from before planning to after it. Arrays _per policy_ are in this order. */
  readonly policies: readonly string[];
  /** Distinct pipelines: the slowest first. */
  readonly pipelines: readonly TimelinePipeline[];
  /** Per stage: its instructions, in the order of execution. */
  readonly instructions: readonly StageInstructions[];
  /** The longest iteration, which fills the width of the picture. */
  readonly spanS: number;
  /** Least and largest power of a GPU that computes. */
  readonly lowestW: number;
  readonly highestW: number;
  /** Whether powers and clocks are not known; they are then not shown. */
  readonly isWithoutPowers?: true;
  /** The pipelines waited for in the end: `the straggler`, or `the slowest pipeline`. */
  readonly slowest: string;
}

/** The instructions of a stage. */
export interface StageInstructions {
  /** Index into `INSTRUCTION_KINDS`. */
  readonly kind: readonly number[];
  readonly microbatch: readonly number[];
  /** The part of the model, of the parts that the stage holds. */
  readonly chunk: readonly number[];
}

/** A pipeline under every policy. */
export interface TimelinePipeline {
  /** `pipelines 1 to 63` */
  readonly name: string;
  readonly isStraggler: boolean;
  /** Per policy. */
  readonly summaries: readonly PipelineSummary[];
  /** Per stage; none if there are more boxes than pixels. */
  readonly lanes: readonly TimelineLane[];
  /** Per stage, instead of lanes. */
  readonly columns: readonly ColumnLane[];
}

/** The figures of a pipeline under a policy. */
export interface PipelineSummary {
  /** When its last stage became free. */
  readonly endS: number;
  /** When the iteration ends, of all pipelines. */
  readonly iterationS: number;
  /** Parts of the iteration that its GPUs wait, on average. */
  readonly stageWaitPart: number;
  readonly pipelineWaitPart: number;
  /** Of one GPU, over stages and the iteration. */
  readonly meanPowerW: number;
}

/** The boxes of a stage: each begins where the one before ends, the first at 0. */
export interface TimelineLane {
  /** Per box: index into `ACTIVITIES`. */
  readonly activity: readonly number[];
  /** Per box: the index of its instruction among the stage's; −1 if none. */
  readonly instruction: readonly number[];
  /** Per policy. */
  readonly courses: readonly LaneCourse[];
}

/** The boxes of a stage under a policy. */
export interface LaneCourse {
  /** Per box: its end, in units of `spanS / SPAN_UNITS`. A box may be empty under a policy. */
  readonly until: readonly number[];
  /** Per box, of one GPU. */
  readonly powerW: readonly number[];
  /** Per box: the stage that is waited for; −1 if none. */
  readonly waitsFor: readonly number[];
  /** Per instruction. */
  readonly clockMHz: readonly number[];
  /** Per instruction: 1 if the job would take longer if this began later. */
  readonly critical: readonly number[];
}

/** A stage in columns of equal width, which add up what happens in them. */
export interface ColumnLane {
  /** Per policy. */
  readonly courses: readonly ColumnCourse[];
}

/** Columns under a policy. Parts are in thousandths of a column. */
export interface ColumnCourse {
  readonly computing: readonly number[];
  readonly stageWait: readonly number[];
  readonly pipelineWait: readonly number[];
  /** Mean over the computing part, of one GPU. */
  readonly powerW: readonly number[];
  /** 1 if a critical instruction is in it. */
  readonly critical: readonly number[];
}

/** The span in whole numbers: a picture can be enlarged this much without visible steps. */
export const SPAN_UNITS = 1_000_000;

/** The activities of boxes, in the order of their numbers. */
export const ACTIVITIES = [
  'computing',
  'waiting for a stage',
  'waiting for a pipeline',
  'stalled',
  'loading',
  'communicating',
  'reducing gradients',
  'synchronising',
  'between iterations',
  'changing clock',
] as const satisfies readonly Activity[];
