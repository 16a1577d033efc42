import { keptBytes, layerParameters } from './layer-work.js';
import type { SynthModel } from './synth-model.js';
import { layersOfStages, type SynthRequest } from './synthesize.js';

/** What one GPU of each of the model's stages must hold, in GB (10⁹ bytes), and what it has. */
export interface StageMemory {
  readonly gpu: string;
  readonly capacityGB: number;
  /** Weights in half precision, per model stage. */
  readonly weightsGB: readonly number[];
  /** Activations that are kept of one microbatch, per model stage. */
  readonly activationsGB: readonly number[];
}

const BYTES_PER_GB = 1e9;
/** Half precision. */
const BYTES_PER_WEIGHT = 2;

/**
 * Bytes of training state for each byte of weights: gradients in half precision, and of Adam in
 * mixed precision a copy of the weights and two moments in single precision (Rajbhandari et al.,
 * ZeRO, SC '20, section 3.1: 2 + 2 + 12 bytes per parameter).
 */
export const STATE_PER_WEIGHT = 7;

/** The memory that a synthesized job's stages need; what a stage holds is shared by its GPUs. */
export function stageMemory(request: SynthRequest, synth: SynthModel): StageMemory {
  const { model, gpu, tensorParallel, microbatch, sequence = model.sequence } = request;
  const parameters = layerParameters(model);
  const perGpu = 1 / tensorParallel / BYTES_PER_GB;
  const keptGB = keptBytes(model, microbatch, sequence) * perGpu;
  let first = 0;
  const stages = layersOfStages(request, synth).map((count) => {
    const places = Array.from({ length: count }, (_, k) => first + k);
    first += count;
    const blocks = places.filter((k) => k > 0 && k <= model.layers).length;
    const weights = places.reduce((sum, k) => sum + parameters[k]!, 0);
    return { weightsGB: weights * BYTES_PER_WEIGHT * perGpu, activationsGB: blocks * keptGB };
  });
  return {
    gpu: gpu.name,
    capacityGB: gpu.memoryGB.value,
    weightsGB: stages.map(({ weightsGB }) => weightsGB),
    activationsGB: stages.map(({ activationsGB }) => activationsGB),
  };
}
