import type { PipelineClocks } from './clock-lists.js';

/** The comments below a plan of Zeus, in J of one GPU of each stage. */
export interface PlanCosts {
  /** Energy beyond blocking power, as fitted: Σ (energy − P_blocking · time). */
  readonly totalJ: number;
  /** The same and stages · P_blocking · T: what the iteration takes. */
  readonly withWaitingJ: number;
  /** Cost of the step from the next slower plan; absent for the slowest. */
  readonly changeJ?: number | undefined;
}

/** The plan that a file holds, and what the file promises of it. */
export interface PlanFile {
  /** Its name, for messages. */
  readonly source: string;
  readonly clocks: PipelineClocks;
  /** Its number on the frontier, from 0, larger is faster. */
  readonly index?: number | undefined;
  readonly costs?: PlanCosts | undefined;
  /** Time of the iteration, where the file tells it outright. */
  readonly timeS?: number | undefined;
  /** Energy of an iteration of one pipeline, all its GPUs, where the file tells it outright. */
  readonly energyJ?: number | undefined;
  /** Planned durations, stage by stage as the clocks. */
  readonly durationsS?: readonly (readonly number[])[] | undefined;
}
