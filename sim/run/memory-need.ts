import type { ActivationPeaks } from '../../src/pipeline/activation-peaks.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import type { Microbatch } from '../operators/block-operators.js';
import { tokensOf } from '../operators/block-operators.js';
import type { Layout } from '../operators/layout.js';
import type { ModelPart } from '../operators/model-parts.js';
import type { Block } from '../operators/model-shape.js';
import { BYTES } from '../operators/operators.js';
import {
  blockActivationBytes,
  headBytes,
  partParameters,
  stateBytes,
  transientBytes,
} from '../operators/part-memory.js';
import type { DescribedJob } from '../scenario/described-job.js';

/** The memory that a GPU of a stage needs at its peak, in GB (10⁹ bytes). */
export interface StageNeed {
  readonly stage: number;
  /** Half precision. */
  readonly weightsGB: number;
  /** Gradients in single precision, and Adam's copy of the weights and moments. */
  readonly stateGB: number;
  /** Tensors that microbatches keep for their backward, and the transient ones of the widest layer. */
  readonly activationsGB: number;
  readonly totalGB: number;
}

/** The distribution of a described job over GPUs. */
interface Spread {
  readonly tensorParallel: number;
  readonly pipelines: number;
}

/** Bytes of a half-precision weight. */
const WEIGHT_BYTES = 2;
const BYTES_PER_GB = 1e9;

/** Layers of a model stage. */
type Part = Omit<ModelPart, 'forward' | 'backward'>;

/**
 * The memory of each stage's GPUs. A stage holds its parts of the model, and activations as its order
 * of instructions keeps them (`peaks`). Its GPUs share all of it, with sequence parallelism.
 * O(operations + stages · blocks).
 */
export function stageNeeds(
  job: DescribedJob,
  { tensorParallel, pipelines }: Spread,
  dag: ComputationDag,
  peaks: ActivationPeaks,
): StageNeed[] {
  const layout: Layout = {
    ...{ tensor: tensorParallel, context: job.contextParallel, pipeline: dag.stageCount },
    // The GPUs of a stage share its experts.
    expert: job.expertParallel ?? tensorParallel,
    data: job.zeroStage === 0 ? 1 : pipelines,
  };
  const parts = partsOf(job);
  const costs = parts.map((part) => partBytes(part, job, layout));
  const chunksPerStage = dag.modelStageCount / dag.stageCount;
  return heldParts(dag).map((held, stage): StageNeed => {
    const of = (pick: (cost: PartBytes) => number) => held.map((m) => pick(costs[m]!));
    // Peaks count microbatches of a whole stage, with the average number of parts.
    const ofMicrobatch = (values: readonly number[]) =>
      (sum(values) / held.length) * chunksPerStage;
    const kept =
      peaks.activations[stage]! * ofMicrobatch(of(({ activations }) => activations)) +
      peaks.checkpoints[stage]! * ofMicrobatch(of(({ input }) => input));
    const momentary = Math.max(...of((cost) => cost.momentary));
    const weightsGB = sum(of(({ weights }) => weights)) / BYTES_PER_GB;
    const stateGB = sum(of(({ state }) => state)) / BYTES_PER_GB - weightsGB;
    const activationsGB = (kept + momentary) / BYTES_PER_GB;
    const totalGB = weightsGB + stateGB + activationsGB;
    return { stage, weightsGB, stateGB, activationsGB, totalGB };
  });
}

/** The stage that needs most. */
export function fullest(needs: readonly StageNeed[]): StageNeed {
  return needs.reduce((a, b) => (b.totalGB > a.totalGB ? b : a));
}

/** The parts of the model that each stage works on. */
function heldParts(dag: ComputationDag): number[][] {
  const held = Array.from({ length: dag.stageCount }, () => new Set<number>());
  for (const { stage, modelStage } of dag.operations) held[stage]!.add(modelStage);
  return held.map((parts) => [...parts]);
}

function partsOf({ layerCounts, shape }: DescribedJob): Part[] {
  const blocks = shape.blocks.length;
  let first = 0;
  return layerCounts.map((count): Part => {
    const end = first + count;
    const part = {
      firstBlock: Math.max(0, first - 1),
      endBlock: Math.min(blocks, end - 1),
      hasEmbedding: first === 0,
      hasHead: end === blocks + 2,
      predictions: 0,
    };
    first = end;
    return part;
  });
}

/** Bytes of a part of the model on one GPU. */
interface PartBytes {
  readonly weights: number;
  /** Weights, gradients and optimizer. */
  readonly state: number;
  /** Kept of one microbatch. */
  readonly activations: number;
  /** Its input for one microbatch. */
  readonly input: number;
  /** Needed transiently by its widest layer. */
  readonly momentary: number;
}

function partBytes(
  part: Part,
  { shape, microbatch, recompute }: DescribedJob,
  layout: Layout,
): PartBytes {
  const blocks = shape.blocks.slice(part.firstBlock, part.endBlock);
  const parameters = partParameters(part, shape, layout);
  const kept = (block: Block, how: typeof recompute) =>
    blockActivationBytes(block, shape, microbatch, layout, how);
  // A recomputed block is in memory as a whole while its gradients are computed.
  const again = (block: Block) => (recompute === 'full' ? kept(block, 'none') : 0);
  const atHead = part.hasHead ? headBytes(shape, microbatch, layout) : 0;
  return {
    weights: WEIGHT_BYTES * (parameters.dense + parameters.experts),
    state: stateBytes(parameters, layout),
    activations: sum(blocks.map((block) => kept(block, recompute))),
    input: inputBytes(shape.hidden, microbatch, layout),
    momentary: Math.max(
      atHead,
      ...blocks.map((block) => again(block) + transientBytes(block, shape, microbatch, layout)),
    ),
  };
}

function inputBytes(hidden: number, microbatch: Microbatch, layout: Layout): number {
  return BYTES * tokensOf(microbatch, layout).between * hidden;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
