import { InputError } from '../../src/errors.js';
import { evenCounts } from '../../src/pipeline/partition.js';
import { modelStageCount } from '../../src/pipeline/schedules.js';
import { ProblemGathering } from '../../src/problem-list.js';
import type { CatalogLibrary } from '../hardware/catalog-library.js';
import type { GpuDescription } from '../hardware/gpu-description.js';
import type { Microbatch } from '../operators/block-operators.js';
import { modelShape } from '../operators/catalog-operators.js';
import type { Recomputation } from '../operators/model-parts.js';
import { modelFlopsPerToken, type ModelShape } from '../operators/model-shape.js';
import type { Scenario } from './scenario-schema.js';

/** A job with known model and microbatch, which determine its tokens and its memory. */
export interface DescribedJob {
  readonly shape: ModelShape;
  readonly microbatch: Microbatch;
  /** Floating-point operations for each token, forward and backward, as frameworks count them. */
  readonly flopsPerToken: number;
  /** Layers on each of the model's stages: embedding, blocks, head. */
  readonly layerCounts: readonly number[];
  readonly recompute: Recomputation;
  /** GPUs that share a sequence. */
  readonly contextParallel: number;
  /** GPUs among which experts are divided; undefined for those of a stage that share layers. */
  readonly expertParallel: number | undefined;
  /** Whether pipelines share the optimizer (1) or each has all of it (0). */
  readonly zeroStage: number;
  /** Undefined if the GPUs are unknown. */
  readonly gpu: DescribedGpu | undefined;
}

/** Peak, capacity and power limit of a GPU. */
interface DescribedGpu {
  readonly name: string;
  /** Half-precision operations per second. */
  readonly peakFlops: number;
  /** 10⁹ bytes. */
  readonly memoryGB: number;
  readonly powerLimitW: number;
}

/** The parts of a job. */
interface JobParts {
  readonly shape: ModelShape;
  readonly gpu: GpuDescription | undefined;
  readonly microbatch: number;
  readonly sequence: number | undefined;
  readonly layerCounts: readonly number[];
  readonly recompute?: Recomputation | undefined;
  readonly contextParallel?: number | undefined;
  readonly expertParallel?: number | undefined;
}

/** The job of a scenario, from known parts. */
export function describedJob({ job }: Pick<Scenario, 'job'>, parts: JobParts): DescribedJob {
  const { shape, gpu, microbatch, layerCounts, contextParallel = 1, expertParallel } = parts;
  const { sequence = shape.sequence, recompute = job?.recompute ?? 'none' } = parts;
  return {
    shape,
    microbatch: { sequences: microbatch, sequence },
    flopsPerToken: modelFlopsPerToken(shape, sequence),
    layerCounts,
    ...{ recompute, contextParallel, expertParallel },
    zeroStage: job?.zeroStage ?? 0,
    gpu: gpu && {
      name: gpu.name,
      peakFlops: gpu.peakTflops.value * 1e12,
      memoryGB: gpu.memoryGB.value,
      powerLimitW: gpu.powerLimitW.value,
    },
  };
}

/** Default layers of each stage: blocks evenly, the ends beside them. */
export function evenLayerCounts(blocks: number, stages: number): number[] {
  return evenCounts(blocks, stages).map(
    (count, k) => count + Number(k === 0) + Number(k === stages - 1),
  );
}

/** Model and GPU as a profile's title has them. */
interface ProfileTitles {
  readonly model?: string;
  readonly gpu?: string;
}

/**
 * The profiled job as a scenario's `job` describes it; undefined without it.
 * @param titles model and GPU as the profile names them.
 * @throws InputError with everything that is missing or invalid.
 */
export function profiledJob(
  scenario: Scenario,
  titles: ProfileTitles,
  path: string,
  library: CatalogLibrary,
): DescribedJob | undefined {
  const { job, pipeline } = scenario;
  if (job === undefined) return undefined;
  const where = (field: string) => ({ source: path, field: `job.${field}` });
  const gathering = new ProblemGathering();
  const named = (folder: 'models' | 'gpus', title: string | undefined) =>
    title === undefined ? undefined : library.nameOf(folder, title);
  const model = gathering.attempt(() => {
    const name = job.model ?? named('models', titles.model);
    if (name !== undefined) return modelShape(library, name, where('model'));
    const message = 'found nothing, and the profile does not name its model; expected one';
    throw InputError.of({ ...where('model'), message });
  });
  const gpu = gathering.attempt(() => {
    const name = job.gpu ?? named('gpus', titles.gpu);
    return name === undefined ? undefined : library.gpu(name, where('gpu'));
  });
  gathering.throwIfAny();
  return describedJob(scenario, {
    ...{ shape: model!, gpu, sequence: job.sequence },
    microbatch: job.microbatch!,
    layerCounts: evenLayerCounts(model!.blocks.length, modelStageCount(pipeline)),
  });
}
