import { groupBy } from '../../../src/groups.js';
import type { GpuCounting } from '../../energy/gpu-powers.js';
import { stageSegments } from '../../energy/power-segments.js';
import type { ExecutedIteration } from '../../run/training-run.js';
import type { PowerSteps } from '../power-series.js';
import { summedSteps, type WeightedSteps } from './summed-steps.js';

/** The part of an executed iteration that its power follows from. */
export type PoweredIteration = Pick<ExecutedIteration, 'job' | 'record'>;

/** The GPUs that draw the same at all times of an iteration: a stage of identical pipelines. */
export interface StageSteps extends WeightedSteps {
  /** Identical pipelines, by number, ascending. */
  readonly pipelines: readonly number[];
  readonly stage: number;
}

/**
 * The power of all GPUs of a job during one iteration, from its beginning to its end. Power × time is
 * the iteration's ledger. O(segments · log(stages · distinct pipelines)).
 */
export function jobSteps(iteration: PoweredIteration, gpus: GpuCounting): PowerSteps {
  return summedSteps(stagesOfJob(iteration, gpus));
}

/**
 * The power of one GPU of each stage of each distinct pipeline during one iteration, pipeline by
 * pipeline in the order of their first numbers. Identical pipelines are one.
 */
export function stagesOfJob(iteration: PoweredIteration, gpus: GpuCounting): StageSteps[] {
  const { job, record } = iteration;
  const alike = groupBy(record.pipelines.keys(), (p) => record.pipelines[p]!);
  return [...alike.values()].flatMap((pipelines) =>
    Array.from({ length: job.dag.stageCount }, (_, stage): StageSteps => {
      const steps = gpuSteps(iteration, gpus, pipelines[0]!, stage);
      return { pipelines, stage, gpuCount: gpus.gpusPerStage * pipelines.length, steps };
    }),
  );
}

/** The power of one GPU of a stage of a pipeline during one iteration; equal steps are one. */
export function gpuSteps(
  { job: { dag, timing }, record }: PoweredIteration,
  gpus: GpuCounting,
  pipeline: number,
  stage: number,
): PowerSteps {
  const segments = stageSegments({ dag, timing, record, gpus }, record.pipelines[pipeline]!, stage);
  const untilS = new Float64Array(segments.length);
  const powerW = new Float64Array(segments.length);
  let length = 0;
  for (const segment of segments) {
    if (length > 0 && powerW[length - 1] === segment.powerW) length--;
    untilS[length] = segment.untilS;
    powerW[length] = segment.powerW;
    length++;
  }
  return { untilS: untilS.subarray(0, length), powerW: powerW.subarray(0, length) };
}
