import { tokensOf, type Microbatch } from './block-operators.js';
import { blockWeights, type PartParameters } from './block-weights.js';
import { denseReplicas, expertReplicas, USUAL_EXCHANGE, type Layout } from './layout.js';
import { partBlocks, type ModelPart } from './model-parts.js';
import { headWidths, projectionParameters, type Block, type ModelShape } from './model-shape.js';
import { BYTES } from './operators.js';
import type { Recomputation } from './pass-times.js';

export type { PartParameters } from './block-weights.js';

/** Weights of a part of the model on one GPU. */
export function partParameters(
  part: Pick<ModelPart, 'firstBlock' | 'endBlock' | 'hasEmbedding' | 'hasHead' | 'predictions'>,
  shape: ModelShape,
  layout: Layout,
): PartParameters {
  const embedding = (shape.vocabulary * shape.hidden) / layout.tensor;
  // Predictions of later tokens need the embedding too, or a copy of it if it is on another stage.
  const ends = Number(part.hasEmbedding || part.predictions > 0) + Number(part.hasHead);
  // A single stage that is both first and last has tied weights once.
  const embeddings = shape.tiedEmbeddings && ends === 2 ? 1 : ends;
  const projections = (part.predictions * projectionParameters(shape)) / layout.tensor;
  return partBlocks(part, shape).reduce(
    (sum, block) => {
      const { dense, experts } = blockWeights(block, shape, layout);
      return { dense: sum.dense + dense, experts: sum.experts + experts };
    },
    { dense: embeddings * embedding + projections, experts: 0 },
  );
}

/** Bytes per weight: two of its own, four of its gradient, and twelve that ZeRO-1 shares out. */
const WEIGHT_BYTES = 2;
const GRADIENT_BYTES = 4;
const OPTIMIZER_BYTES = 12;

/**
 * Bytes of weights, gradients and optimizer on one GPU (mixed-precision Adam, the optimizer divided
 * among the replicas: ZeRO-1, Rajbhandari et al., SC '20, section 3.1; or everything divided,
 * ZeRO-3).
 */
export function stateBytes({ dense, experts }: PartParameters, layout: Layout): number {
  const kept = WEIGHT_BYTES + GRADIENT_BYTES;
  const bytes = (replicas: number) =>
    layout.sharded === undefined
      ? kept + OPTIMIZER_BYTES / replicas
      : (kept + OPTIMIZER_BYTES) / replicas;
  return dense * bytes(denseReplicas(layout)) + experts * bytes(expertReplicas(layout));
}

/**
 * Bytes of one microbatch that a block keeps for its backward: the parts of their inputs that
 * products, norms, activations and attention need (after Korthikanti et al., MLSys '23, section 4,
 * with flash attention and without dropout).
 */
export function blockActivationBytes(
  block: Block,
  { hidden, gated }: ModelShape,
  microbatch: Microbatch,
  layout: Layout,
  recompute: Recomputation,
): number {
  const { inside, between } = tokensOf(microbatch, layout);
  if (recompute === 'full') return BYTES * between * hidden;
  // Inputs and outputs of both norms.
  const norms = 4 * between * hidden;
  return (
    BYTES *
    (norms +
      attentionNumbers(block, inside, layout) +
      feedForwardNumbers(block, { inside, between, hidden, gated }, layout))
  );
}

function attentionNumbers({ attention }: Block, inside: number, { tensor }: Layout): number {
  const heads = attention.heads / tensor;
  if (attention.kind === 'grouped') {
    const { headDimension } = attention;
    const keyValueHeads = Math.max(1, attention.keyValueHeads / tensor);
    // Queries, keys and values; queries and keys again after rotation; the output.
    return inside * headDimension * (3 * heads + 3 * keyValueHeads);
  }
  const { queryRank, keyValueRank, rotaryDimension, plainDimension, valueDimension } = attention;
  const compressed = 2 * queryRank + 2 * keyValueRank + rotaryDimension;
  const { queryWidth } = headWidths(attention);
  // Queries and keys before and after assembly, values, the output.
  const perHead = 2 * queryWidth + plainDimension + queryWidth + valueDimension;
  return inside * (compressed + heads * (perHead + valueDimension));
}

function feedForwardNumbers(
  { feedForward }: Block,
  {
    inside,
    between,
    hidden,
    gated,
  }: { inside: number; between: number; hidden: number; gated: boolean },
  { tensor, exchange = USUAL_EXCHANGE }: Layout,
): number {
  // Outputs of the up-projections, and the input of the down-projection.
  const widths = gated ? 3 : 2;
  if (feedForward.kind === 'dense') return (widths * inside * feedForward.width) / tensor;
  const { perToken, width, sharedWidth, count } = feedForward;
  const chosen = exchange.imbalance * between * perToken;
  // Inputs of the experts, and their outputs, which the router's weights multiply; its scores.
  return (
    chosen * (2 * hidden + widths * width) +
    2 * between * count +
    (widths * inside * sharedWidth) / tensor
  );
}

/** Bytes of logits, their gradient and the loss at the last stage. */
export function headBytes(shape: ModelShape, microbatch: Microbatch, layout: Layout): number {
  const { inside } = tokensOf(microbatch, layout);
  const predictions = 1 + (shape.predictionBlocks ?? []).length;
  return (predictions * inside * shape.vocabulary * (BYTES + 4)) / layout.tensor;
}

/** Bytes that a microbatch keeps of a projection before a block that predicts a later token. */
export function projectionBytes(
  { hidden }: ModelShape,
  microbatch: Microbatch,
  layout: Layout,
): number {
  // Both inputs before and after their norms.
  return BYTES * 4 * tokensOf(microbatch, layout).between * hidden;
}

/** Number of layers with gathered weights at a time: the running one and the next. */
const GATHERED_LAYERS = 2;

/**
 * Bytes of weights and gradients temporarily gathered from other replicas, if they are shared out;
 * all weights, if they stay from a forward to its backward.
 */
export function gatheredBytes(
  blocks: readonly Block[],
  { dense, experts }: PartParameters,
  shape: ModelShape,
  layout: Layout,
): number {
  if (layout.sharded === undefined || denseReplicas(layout) === 1) return 0;
  const each = blocks.map((block) => {
    const weights = blockWeights(block, shape, layout);
    return weights.dense + weights.experts;
  });
  const largest = Math.max(0, ...each);
  const weights = layout.sharded === 'gradients' ? dense + experts : GATHERED_LAYERS * largest;
  // The gradient of one layer is added.
  return BYTES * (weights + largest);
}

/** Bytes that a block's backward holds temporarily: gradients of its widest tensors. */
export function transientBytes(
  block: Block,
  shape: ModelShape,
  microbatch: Microbatch,
  layout: Layout,
): number {
  const { inside, between } = tokensOf(microbatch, layout);
  return (
    BYTES *
    feedForwardNumbers(block, { inside, between, hidden: shape.hidden, gated: shape.gated }, layout)
  );
}
