import { minimumImbalance, type Partition } from '../../src/pipeline/partition.js';
import { imbalanceRatio } from '../../src/profile/reshape.js';
import type { StageProfile } from '../../src/profile/stage-profile.js';
import { blockWork, headWork } from '../hardware/layer-work.js';
import type { ModelDescription } from '../hardware/model-description.js';

/** The imbalance of a pipeline: its slowest stage over its fastest. */
export interface StageImbalance {
  readonly job: string;
  readonly stages: number;
  readonly ratio: number;
  /** The contents of stages, if known: blocks, with the head counted as one more. */
  readonly layers?: readonly number[];
}

/** The imbalance of a profiled job, forward and backward together at the highest clock. */
export function profiledImbalance(job: string, profile: StageProfile): StageImbalance {
  return { job, stages: profile.stages.length, ratio: imbalanceRatio(profile) };
}

/**
 * The least possible imbalance of a transformer, counted in floating-point operations: its blocks
 * are alike, and the language-model head is a layer of its own after them. The embedding only looks
 * up and computes nothing.
 */
export function leastImbalance(model: ModelDescription, stages: number): StageImbalance {
  const block = blockWork(model, 1, model.sequence).flops;
  const head = headWork(model, 1, model.sequence).flops;
  const costs = [...new Array<number>(model.layers).fill(1), head / block];
  const { imbalanceRatio: ratio, layerCounts }: Partition = minimumImbalance(costs, stages);
  return { job: model.name, stages, ratio, layers: layerCounts };
}
