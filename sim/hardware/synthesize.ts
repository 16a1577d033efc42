import { minimumImbalance } from '../../src/pipeline/partition.js';
import {
  byKind,
  type ExecutionOption,
  type StageProfile,
} from '../../src/profile/stage-profile.js';
import type { GpuDescription } from './gpu-description.js';
import { blockWork, embeddingWork, headWork, type LayerWork } from './layer-work.js';
import type { ModelDescription } from './model-description.js';
import {
  BACKWARD_WORK,
  computingTime,
  curveShape,
  relativePower,
  relativeTime,
  type SynthModel,
} from './synth-model.js';

/** What to make a profile of. */
export interface SynthRequest {
  readonly model: ModelDescription;
  readonly gpu: GpuDescription;
  readonly stages: number;
  /** Sequences per microbatch. */
  readonly microbatch: number;
  /** GPUs that share a layer. */
  readonly tensorParallel: number;
  /** Tokens per sequence; the model's own if left out. */
  readonly sequence?: number;
  /** Part of the peak that matrix products reach, both ways; as calibrated if left out. */
  readonly efficiency?: number;
}

/** Clocks below this part of the highest one are never worth running at. */
const LOWEST_CLOCK = 0.5;

/** Layers of a model in order: embedding, blocks, head. */
export function layersOf({
  model,
  microbatch,
  sequence = model.sequence,
}: SynthRequest): LayerWork[] {
  return [
    embeddingWork(model, microbatch, sequence),
    ...Array.from({ length: model.layers }, () => blockWork(model, microbatch, sequence)),
    headWork(model, microbatch, sequence),
  ];
}

/**
 * A stage profile of a model that nobody profiled on a GPU that nobody profiled it on, for one GPU
 * of each stage. A layer takes as long as its matrix products at the stated efficiency, or as its
 * bytes at the memory's bandwidth, whichever is longer; only the former depends on the clock. Layers
 * are cut into stages with the least imbalance.
 *
 * @throws RangeError when there are more stages than layers.
 */
export function synthesizeProfile(request: SynthRequest, synth: SynthModel): StageProfile {
  const { model, gpu, stages, tensorParallel } = request;
  const topMHz = gpu.highestMHz.value;
  const clocksMHz = usefulClocks(gpu);
  const shape = curveShape(synth);
  const layers = layersOf(request);
  const timeS = (work: LayerWork, kind: 'forward' | 'backward', frequencyMHz: number): number => {
    const share = BACKWARD_WORK[kind] / tensorParallel;
    const efficiency = request.efficiency ?? synth.efficiency[kind];
    const computingS = computingTime(work.flops * share, gpu, efficiency, shape);
    const movingS = (work.bytes * share) / (gpu.memoryBandwidthGBs.value * 1e9);
    return Math.max(computingS * relativeTime(shape, frequencyMHz / topMHz), movingS);
  };
  const costs = layers.map(
    (work) => timeS(work, 'forward', topMHz) + timeS(work, 'backward', topMHz),
  );
  const { layerCounts } = minimumImbalance(costs, stages);
  let first = 0;
  return {
    source: `synthesis of ${model.name} on ${gpu.name}`,
    origin: 'fitted',
    stages: layerCounts.map((count) => {
      const ofStage = layers.slice(first, first + count);
      first += count;
      return byKind((kind) =>
        clocksMHz.map((frequencyMHz): ExecutionOption => {
          const total = ofStage.reduce((sum, work) => sum + timeS(work, kind, frequencyMHz), 0);
          const powerW = gpu.powerLimitW.value * relativePower(shape, frequencyMHz / topMHz);
          return { frequencyMHz, timeS: total, energyJ: powerW * total };
        }),
      );
    }),
  };
}

/** From the highest clock downwards. */
function usefulClocks({ highestMHz, lowestMHz, stepMHz }: GpuDescription): number[] {
  const bottomMHz = Math.max(lowestMHz.value, LOWEST_CLOCK * highestMHz.value);
  const count = Math.floor((highestMHz.value - bottomMHz) / stepMHz.value) + 1;
  return Array.from({ length: count }, (_, k) => highestMHz.value - k * stepMHz.value);
}
