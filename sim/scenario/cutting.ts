import { layersOfStages, type SynthRequest } from '../hardware/synthesize.js';
import type { SynthModel } from '../hardware/synth-model.js';
import { jobParts, type PredictedJob } from '../operators/predict.js';

/** The cut of a model into stages whose profile was not measured: by the times that the profile is made of. */
export type Cutting =
  | { readonly law: 'operators'; readonly job: PredictedJob }
  | { readonly law: 'efficiency'; readonly request: SynthRequest; readonly synth: SynthModel };

/** A way to run a model: what its cutting into stages follows from. */
export interface Cut {
  /** Stages of the model. */
  readonly modelStages: number;
  readonly tensorParallel: number;
  /** Sequences per microbatch. */
  readonly microbatch: number;
}

/** Layers on each of the model's stages: embedding, blocks, head. */
export function layersOfCut(
  cutting: Cutting,
  { modelStages, tensorParallel, microbatch }: Cut,
): readonly number[] {
  if (cutting.law === 'efficiency') {
    const { request, synth } = cutting;
    return layersOfStages({ ...request, stages: modelStages, tensorParallel, microbatch }, synth);
  }
  const { job } = cutting;
  const parts = jobParts({
    ...job,
    layout: { ...job.layout, tensor: tensorParallel, pipeline: modelStages },
    chunks: 1,
    microbatch: { ...job.microbatch, sequences: microbatch },
  });
  return parts.map(
    ({ firstBlock, endBlock, hasEmbedding, hasHead }) =>
      endBlock - firstBlock + Number(hasEmbedding) + Number(hasHead),
  );
}
