import { stageSegments, type PowerSegment } from '../../energy/power-segments.js';
import type { KeptPolicy, KeptRun } from '../../run/kept-run.js';
import type { PipelineRecord } from '../../training/pipeline-run.js';
import { criticalInstructions } from './critical-instructions.js';

/** A pipeline's run under a policy. */
export interface PipelineCourse {
  readonly record: PipelineRecord;
  /** When all pipelines have met, and when the iteration ends. */
  readonly meetS: number;
  readonly iterationTimeS: number;
  /** Per stage: its activities in order of time. */
  readonly segments: readonly (readonly PowerSegment[])[];
  /** Per instruction: 1 if it is critical. */
  readonly critical: Uint8Array;
}

/** The run of a pipeline as executed under a policy. O(instructions). */
export function courseOf(
  { setting }: KeptRun,
  { shown: { record: job } }: KeptPolicy,
  record: PipelineRecord,
): PipelineCourse {
  const { dag, timing, gpus } = setting;
  const { meetS, iterationTimeS } = job;
  return {
    ...{ record, meetS, iterationTimeS },
    segments: Array.from({ length: dag.stageCount }, (_, s) =>
      stageSegments({ dag, timing, gpus, record: job }, record, s),
    ),
    critical: criticalInstructions(dag, record, meetS),
  };
}
