import type { FrontierPoint } from '../../../src/planner/planner.js';
import type { PipelineClocks } from '../../plans/clock-lists.js';

/** The degrees of a job's parallelism, as registered. */
export interface Degrees {
  /** Pipeline stages. */
  readonly pp: number;
  /** Data-parallel copies of the pipeline. */
  readonly dp: number;
  /** GPUs of a stage (tensor and context parallelism). */
  readonly tp: number;
}

/** A pipeline reported as slow. */
export type ReportedStraggler = { readonly pipeline: number } & (
  | { readonly slowdown: number }
  /** Its iteration time. */
  | { readonly seconds: number }
);

/** Everything that a job's plan follows from: plain data that crosses to a worker thread. */
export interface PlanningRequest {
  readonly jobId: string;
  readonly degrees: Degrees;
  /** A scenario (YAML): schedule, microbatches, blocking power, limits. Its `profile.csv`, by any name, is `profileCsv`. */
  readonly scenarioText: string;
  readonly profileCsv?: string | undefined;
  /** A built-in policy, or a plug-in as for `--planner`. */
  readonly policy: string;
  /** A plan file that is served as it is. */
  readonly planText?: string | undefined;
  readonly stragglers: readonly ReportedStraggler[];
}

/** The schedules of a job, and where they lie on its frontier. */
export interface PlannedSchedules {
  readonly policy: string;
  /** Clocks of pipelines that are not slow. */
  readonly healthy: PipelineClocks;
  /** Clocks of slow pipelines, by pipeline. */
  readonly ofStragglers: Readonly<Record<number, PipelineClocks>>;
  /** Slowest first, thinned out to a few hundred points. */
  readonly frontier: readonly FrontierPoint[];
  readonly frontierPoints: number;
  readonly fastest: FrontierPoint;
  /** The point that healthy pipelines run. */
  readonly chosen: FrontierPoint;
  /** T′ that it was chosen for. */
  readonly stragglerTimeS: number;
}

/** Plans jobs beside the server's own thread. */
export interface JobPlanning {
  /**
   * Plans a job anew, or chooses another point of the frontier that it has.
   * @throws InputError if the request is wrong.
   */
  plan(request: PlanningRequest, signal?: AbortSignal): Promise<PlannedSchedules>;
  /** Frees what is kept for a job. */
  forget(jobId: string): void;
  close(): Promise<void>;
}
