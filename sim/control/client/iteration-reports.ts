import type { ComputationDag } from '../../../src/pipeline/dag.js';
import { INSTRUCTION_KINDS } from '../../../src/profile/operation.js';
import type { GpuCounting } from '../../energy/gpu-powers.js';
import { stageSegments } from '../../energy/power-segments.js';
import type { ExecutedIteration } from '../../run/training-run.js';
import type { PipelineRecord } from '../../training/pipeline-run.js';

/** An iteration as each GPU of a stage measures it. */
interface StageReport {
  readonly iter_time: readonly [number];
  readonly iter_energy: readonly [number];
  /** By kind: the iteration's instructions in order. */
  readonly time_breakdown: Readonly<Record<string, readonly [readonly number[]]>>;
  readonly energy_breakdown: Readonly<Record<string, readonly [readonly number[]]>>;
}

/**
 * The reports of an iteration: what a GPU of a stage of a pipeline measures. GPUs that measure the
 * same share a report. O(instructions · distinct pipelines).
 */
export function iterationReports(
  { job, record }: Pick<ExecutedIteration, 'job' | 'record'>,
  gpus: GpuCounting,
): (pipeline: number, stage: number) => StageReport {
  const ofPipelines = new Map<PipelineRecord, StageReport[]>();
  const { dag, timing } = job;
  const reportsOf = (pipeline: PipelineRecord) =>
    Array.from({ length: dag.stageCount }, (_, s): StageReport => {
      const segments = stageSegments({ dag, timing, record, gpus }, pipeline, s);
      const energyJ = new Map<number, number>();
      let totalJ = 0;
      for (const { fromS, untilS, powerW, instruction, activity } of segments) {
        const partJ = (untilS - fromS) * powerW;
        totalJ += partJ;
        if (activity !== 'computing' && activity !== 'stalled') continue;
        energyJ.set(instruction, (energyJ.get(instruction) ?? 0) + partJ);
      }
      const { durationS } = pipeline.executed;
      return {
        iter_time: [record.iterationTimeS],
        iter_energy: [totalJ],
        time_breakdown: byKind(dag, s, (i) => durationS[i]!),
        energy_breakdown: byKind(dag, s, (i) => energyJ.get(i) ?? 0),
      };
    });
  return (pipeline, stage) => {
    const executed = record.pipelines[pipeline]!;
    const known = ofPipelines.get(executed) ?? reportsOf(executed);
    ofPipelines.set(executed, known);
    return known[stage]!;
  };
}

/** Values of a stage's instructions, listed by kind in execution order. */
function byKind(
  { stageStart, kind }: ComputationDag,
  stage: number,
  valueOf: (instruction: number) => number,
): Record<string, [number[]]> {
  const lists: Record<string, [number[]]> = {};
  for (let i = stageStart[stage]!; i < stageStart[stage + 1]!; i++) {
    const list = (lists[INSTRUCTION_KINDS[kind[i]!]!] ??= [[]]);
    list[0].push(valueOf(i));
  }
  return lists;
}
