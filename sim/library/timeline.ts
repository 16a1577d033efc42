import { INSTRUCTION_KINDS, type InstructionKind } from '../../src/profile/operation.js';
import { stageSegments } from '../energy/power-segments.js';
import type { KeptRun } from '../run/kept-run.js';
import type { Activity } from '../training/phases.js';
import type { PipelineRecord } from '../training/pipeline-run.js';

/**
 * A time during which the GPUs of one stage have one activity at one power. The segments of a stage
 * follow each other from the iteration's beginning to its end, without gaps.
 *
 * @example
 * ```ts
 * import { readScenario, runScenario, type TimelineSegment } from 'pipewatt';
 *
 * const run = await runScenario(await readScenario('scenario.yaml'), { timeline: true });
 * const waits = ({ activity }: TimelineSegment) => activity === 'waiting for a pipeline';
 * const ofStage = run.timeline.filter((one) => one.policy === 'perseus' && one.stage === 0);
 * console.log(ofStage.filter(waits).length); // 1
 * ```
 */
export interface TimelineSegment {
  readonly policy: string;
  /** The pipeline, from 0; the first of identical ones. */
  readonly pipeline: number;
  /** Number of identical pipelines, this one included. */
  readonly pipelines: number;
  /** The stage, from 0. */
  readonly stage: number;
  /** Beginning and end since the iteration began, s. */
  readonly fromS: number;
  readonly untilS: number;
  /** The activity of the GPUs. */
  readonly activity: Activity;
  /** Of one GPU, W. */
  readonly powerW: number;
  /** The kind of the instruction that it belongs to; null if none. */
  readonly instruction: InstructionKind | null;
  readonly microbatch: number | null;
  readonly chunk: number | null;
  /** The clock of that instruction, MHz. */
  readonly frequencyMHz: number | null;
}

/** The segments of one iteration under every policy. O(instructions of distinct pipelines). */
export function timelineSegments({ setting, policies }: KeptRun): TimelineSegment[] {
  const { dag, timing, gpus } = setting;
  return policies.flatMap(({ policy, shown: { record } }) => {
    const alike = new Map<PipelineRecord, number>();
    for (const pipeline of record.pipelines) alike.set(pipeline, (alike.get(pipeline) ?? 0) + 1);
    const job = { dag, timing, gpus, record };
    return [...alike].flatMap(([pipeline, pipelines]) => {
      const first = record.pipelines.indexOf(pipeline);
      return Array.from({ length: dag.stageCount }, (_, stage) => stage).flatMap((stage) =>
        stageSegments(job, pipeline, stage).map(({ instruction: i, ...segment }) => ({
          ...{ policy, pipeline: first, pipelines, stage, ...segment },
          instruction: i < 0 ? null : INSTRUCTION_KINDS[dag.kind[i]!]!,
          microbatch: i < 0 ? null : dag.microbatch[i]!,
          chunk: i < 0 ? null : dag.operations[dag.operation[i]!]!.chunk,
          frequencyMHz: i < 0 ? null : pipeline.executed.clockMHz[i]!,
        })),
      );
    });
  });
}
