import { groupBy } from '../../../src/groups.js';
import type { GpuCounting } from '../../energy/gpu-powers.js';
import type { ExecutedIteration } from '../../run/training-run.js';
import type { JobRecord } from '../../training/job.js';
import type { PowerSteps } from '../power-series.js';
import type { PowerUnit } from './power-units.js';
import { gpuSteps, jobSteps, stagesOfJob, type PoweredIteration } from './job-steps.js';
import { summedSteps } from './summed-steps.js';

/** One stage of one pipeline: all of its GPUs draw the same. */
export interface StagePlace {
  readonly pipeline: number;
  readonly stage: number;
}

/** What is traced: the whole job, every stage, every pipeline, or one GPU at each of some places. */
export type Traced =
  | { readonly per: Exclude<PowerUnit, 'gpu'> }
  | { readonly per: 'gpu'; readonly places: readonly StagePlace[] };

/**
 * The power of each traced unit during an iteration, in the order of their numbers. All of them end at
 * the same time.
 */
export function unitSteps(
  iteration: PoweredIteration,
  gpus: GpuCounting,
  traced: Traced,
): PowerSteps[] {
  switch (traced.per) {
    case 'job':
      return [jobSteps(iteration, gpus)];
    case 'stage':
      return [...groupBy(stagesOfJob(iteration, gpus), ({ stage }) => stage).values()].map(
        summedSteps,
      );
    case 'pipeline':
      return pipelineSteps(iteration, gpus);
    case 'gpu':
      return traced.places.map(({ pipeline, stage }) => gpuSteps(iteration, gpus, pipeline, stage));
  }
}

/** Identical pipelines share their steps. */
function pipelineSteps(iteration: PoweredIteration, gpus: GpuCounting): PowerSteps[] {
  const { gpusPerStage } = gpus;
  const ofPipeline: PowerSteps[] = [];
  const parts = groupBy(stagesOfJob(iteration, gpus), ({ pipelines }) => pipelines);
  for (const [pipelines, stages] of parts) {
    const steps = summedSteps(
      stages.map((stage) => ({ steps: stage.steps, gpuCount: gpusPerStage })),
    );
    for (const pipeline of pipelines) ofPipeline[pipeline] = steps;
  }
  return ofPipeline;
}

/**
 * Derives the power of iterations one after another; of those that were simulated once, once.
 * @param derive makes steps of one that is new.
 */
export function onceEach<Steps>(
  derive: (iteration: ExecutedIteration) => Steps,
): (iteration: ExecutedIteration) => Steps {
  const known = new WeakMap<JobRecord, { readonly steps: Steps }>();
  return (iteration) => {
    const found = known.get(iteration.record);
    if (found !== undefined) return found.steps;
    const steps = derive(iteration);
    known.set(iteration.record, { steps });
    return steps;
  };
}
