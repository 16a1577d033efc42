import { InputError, type Problem } from '../../src/errors.js';
import { minimumImbalance } from '../../src/pipeline/partition.js';
import { implausible } from '../../src/plausible.js';
import {
  byKind,
  type ExecutionOption,
  type ProfiledKind,
  type StageOptions,
  type StageProfile,
} from '../../src/profile/stage-profile.js';
import type { GpuDescription } from './gpu-description.js';
import { blockWork, embeddingWork, headWork, type LayerWork } from './layer-work.js';
import { parametersNote, type ModelDescription } from './model-description.js';
import {
  BACKWARD_WORK,
  computingTime,
  curveShape,
  relativePower,
  relativeTime,
  type SynthModel,
} from './synth-model.js';

/** The inputs of a synthesized profile. */
export interface SynthRequest {
  readonly model: ModelDescription;
  readonly gpu: GpuDescription;
  readonly stages: number;
  /** Sequences per microbatch. */
  readonly microbatch: number;
  /** GPUs that share a layer. */
  readonly tensorParallel: number;
  /** Tokens per sequence; default: the model's own. */
  readonly sequence?: number;
  /** Fraction of the peak that matrix products reach, both ways; default: as calibrated. */
  readonly efficiency?: number;
}

/** Clocks below this fraction of the highest are never worth running at. */
const LOWEST_CLOCK = 0.5;

/** Layers of a model in order: embedding, blocks, head. */
function layersOf({ model, microbatch, sequence = model.sequence }: SynthRequest): LayerWork[] {
  return [
    embeddingWork(model, microbatch, sequence),
    ...Array.from({ length: model.layers }, () => blockWork(model, microbatch, sequence)),
    headWork(model, microbatch, sequence),
  ];
}

type LayerTime = (work: LayerWork, kind: ProfiledKind, frequencyMHz: number) => number;

/** The time of a layer on one GPU: of its matrix products or its bytes, whichever is longer. */
function layerTime(request: SynthRequest, synth: SynthModel): LayerTime {
  const { gpu, tensorParallel } = request;
  const shape = curveShape(synth);
  return (work, kind, frequencyMHz) => {
    const share = BACKWARD_WORK[kind] / tensorParallel;
    const efficiency = request.efficiency ?? synth.efficiency[kind];
    const computingS = computingTime(work.flops * share, gpu, efficiency, shape);
    const movingS = (work.bytes * share) / (gpu.memoryBandwidthGBs.value * 1e9);
    return Math.max(computingS * relativeTime(shape, frequencyMHz / gpu.highestMHz.value), movingS);
  };
}

/** Layers of each stage, including embedding and head, cut with the least imbalance. */
export function layersOfStages(request: SynthRequest, synth: SynthModel): readonly number[] {
  const timeS = layerTime(request, synth);
  const topMHz = request.gpu.highestMHz.value;
  const costs = layersOf(request).map(
    (work) => timeS(work, 'forward', topMHz) + timeS(work, 'backward', topMHz),
  );
  return minimumImbalance(costs, request.stages).layerCounts;
}

/**
 * A stage profile of a model on a GPU that it was not profiled on, for one GPU of each stage. A
 * layer takes as long as its matrix products at the stated efficiency, or as its bytes at the
 * memory's bandwidth, whichever is longer; only the former depends on the clock. Layers are cut into
 * stages with the least imbalance.
 *
 * @param where the place that asks for it, for the message.
 * @throws RangeError if there are more stages than layers.
 * @throws InputError if an instruction takes an impossible time.
 */
export function synthesizeProfile(
  request: SynthRequest,
  synth: SynthModel,
  where: Pick<Problem, 'source' | 'field'> = { source: 'synthesis' },
): StageProfile {
  const { model, gpu } = request;
  const topMHz = gpu.highestMHz.value;
  const clocksMHz = usefulClocks(gpu);
  const shape = curveShape(synth);
  const layers = layersOf(request);
  const timeS = layerTime(request, synth);
  const note = parametersNote(model);
  let first = 0;
  const stages = layersOfStages(request, synth).map((count) => {
    const ofStage = layers.slice(first, first + count);
    first += count;
    return byKind((kind) =>
      clocksMHz.map((frequencyMHz): ExecutionOption => {
        const total = ofStage.reduce((sum, work) => sum + timeS(work, kind, frequencyMHz), 0);
        const powerW = gpu.powerLimitW.value * relativePower(shape, frequencyMHz / topMHz);
        return { frequencyMHz, timeS: total, energyJ: powerW * total };
      }),
    );
  });
  checkPossible(stages, where);
  return {
    source: `synthesis of ${model.name} on ${gpu.name}`,
    origin: 'fitted',
    stages,
    ...(note === undefined ? {} : { notes: [note] }),
  };
}

/** Rejects batches, lengths and efficiencies that no GPU could handle. */
function checkPossible(
  stages: readonly StageOptions[],
  where: Pick<Problem, 'source' | 'field'>,
): void {
  for (const { timeS } of stages.flatMap(({ forward, backward }) => [...forward, ...backward])) {
    const expected = implausible('instructionTimeS', timeS);
    if (expected === undefined) continue;
    throw InputError.of({
      ...where,
      message: `makes an instruction of ${Number(timeS.toPrecision(3))} s, expected ${expected.replace(/;.*/, '')}: choose another microbatch, sequence, efficiency, or number of stages`,
    });
  }
}

/** From the highest clock downwards. */
function usefulClocks({ highestMHz, lowestMHz, stepMHz }: GpuDescription): number[] {
  const bottomMHz = Math.max(lowestMHz.value, LOWEST_CLOCK * highestMHz.value);
  const count = Math.floor((highestMHz.value - bottomMHz) / stepMHz.value) + 1;
  return Array.from({ length: count }, (_, k) => highestMHz.value - k * stepMHz.value);
}
