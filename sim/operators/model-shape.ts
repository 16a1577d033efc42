import type { ModelDescription } from '../hardware/model-description.js';

/** The attention of a block. */
export type Attention =
  /** Groups of heads share keys and values; attention is full if the two numbers are equal. */
  | {
      readonly kind: 'grouped';
      readonly heads: number;
      readonly keyValueHeads: number;
      readonly headDimension: number;
      /** Queries and keys pass a norm. */
      readonly normsQueries?: boolean;
    }
  /** Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434, section 2.1). */
  | {
      readonly kind: 'latent';
      readonly heads: number;
      /** Width of the compressed queries; 0 if queries are not compressed. */
      readonly queryRank: number;
      readonly keyValueRank: number;
      readonly rotaryDimension: number;
      readonly plainDimension: number;
      readonly valueDimension: number;
    };

/** The feed-forward of a block. */
export type FeedForward =
  | { readonly kind: 'dense'; readonly width: number }
  | {
      readonly kind: 'experts';
      readonly count: number;
      /** Number of experts that each token passes. */
      readonly perToken: number;
      readonly width: number;
      /** Width of the experts that every token passes; 0 without shared experts. */
      readonly sharedWidth: number;
    };

/** One transformer block. */
export interface Block {
  readonly attention: Attention;
  /**
   * The most tokens that a token attends to, with a sliding window; all if left out. Shapes travel
   * between machines as JSON, which has no Infinity.
   */
  readonly window?: number | undefined;
  readonly feedForward: FeedForward;
}

/** The properties of a transformer that determine its operators. */
export interface ModelShape {
  readonly name: string;
  readonly hidden: number;
  readonly vocabulary: number;
  /** Tokens per sequence for which the model was made. */
  readonly sequence: number;
  /** Whether input and output embeddings share weights. */
  readonly tiedEmbeddings: boolean;
  /** Whether feed-forwards have a third matrix, the gate (SwiGLU). */
  readonly gated: boolean;
  /**
   * Run as before fused kernels: attention writes its scores to memory, and the vocabulary is not
   * padded to a multiple of eight.
   */
  readonly isUnfused?: boolean;
  readonly blocks: readonly Block[];
  /**
   * Blocks that predict the tokens after the next one, each behind a projection of two hidden
   * states to one; they share the model's embedding and head (DeepSeek-V3, arXiv 2412.19437,
   * section 2.2).
   */
  readonly predictionBlocks?: readonly Block[];
  /** 10⁹, as stated by its authors. */
  readonly declaredParametersB?: number;
  /** Doubts about how the model was read. */
  readonly notes?: readonly string[];
}

/** Dimension of a head if a description of the family gpt does not give it. */
const USUAL_HEAD = 128;

/** The shape of a model from the catalog or from a user's YAML. */
export function shapeOfDescription(model: ModelDescription): ModelShape {
  const { name, hidden, vocabulary, sequence } = model;
  const heads = model.heads ?? Math.ceil(hidden / USUAL_HEAD);
  const isGpt = model.family === 'gpt';
  const block: Block = {
    attention: {
      kind: 'grouped',
      heads,
      keyValueHeads: isGpt ? heads : model.keyValueHeads,
      headDimension: hidden / heads,
    },
    feedForward:
      model.family === 'moe'
        ? {
            kind: 'experts',
            count: model.experts,
            perToken: model.activeExperts,
            width: model.feedForward,
            sharedWidth: 0,
          }
        : { kind: 'dense', width: isGpt ? 4 * hidden : model.feedForward },
  };
  return {
    name,
    hidden,
    vocabulary,
    sequence,
    tiedEmbeddings: isGpt,
    gated: !isGpt,
    blocks: Array.from({ length: model.layers }, () => block),
    declaredParametersB: model.parametersB,
  };
}

/** Weights of an attention, all GPUs together. */
function attentionParameters(attention: Attention, hidden: number): number {
  if (attention.kind === 'grouped') {
    const { heads, keyValueHeads, headDimension } = attention;
    return hidden * headDimension * (2 * heads + 2 * keyValueHeads);
  }
  const { heads, queryRank, keyValueRank, rotaryDimension, plainDimension, valueDimension } =
    attention;
  const query = heads * (plainDimension + rotaryDimension);
  return (
    (queryRank === 0 ? hidden * query : queryRank * (hidden + query)) +
    hidden * (keyValueRank + rotaryDimension) +
    keyValueRank * heads * (plainDimension + valueDimension) +
    heads * valueDimension * hidden
  );
}

/** Weights of a block, split by how parallelism divides them. */
export interface BlockParameters {
  /** Divided among the GPUs of a tensor-parallel group. */
  readonly dense: number;
  /** Of experts, divided among the GPUs of an expert-parallel group. */
  readonly experts: number;
}

/** Weights of a block, all GPUs together, without biases and norms. */
export function blockParameters(block: Block, { hidden, gated }: ModelShape): BlockParameters {
  const matrices = gated ? 3 : 2;
  const attention = attentionParameters(block.attention, hidden);
  const { feedForward } = block;
  if (feedForward.kind === 'dense') {
    return { dense: attention + matrices * hidden * feedForward.width, experts: 0 };
  }
  const { count, width, sharedWidth } = feedForward;
  return {
    dense: attention + hidden * count + matrices * hidden * sharedWidth,
    experts: count * matrices * hidden * width,
  };
}

/**
 * Weights of the projection of two hidden states to one before a block that predicts a later token.
 */
export const projectionParameters = ({ hidden }: ModelShape) => 2 * hidden * hidden;

/** Weights of the blocks that predict later tokens, without embedding and head, which they share. */
export function predictionParameters(shape: ModelShape): number {
  return (shape.predictionBlocks ?? []).reduce((sum, block) => {
    const { dense, experts } = blockParameters(block, shape);
    return sum + dense + experts + projectionParameters(shape);
  }, 0);
}

/** Weights of the whole model, without blocks that predict later tokens, as authors state them. */
export function shapeParameters(shape: ModelShape): number {
  const embeddings = (shape.tiedEmbeddings ? 1 : 2) * shape.vocabulary * shape.hidden;
  return shape.blocks.reduce((sum, block) => {
    const { dense, experts } = blockParameters(block, shape);
    return sum + dense + experts;
  }, embeddings);
}

/**
 * Floating-point operations to train on one token, forward and backward, as frameworks count them
 * for TFLOP/s and MFU: six for each weight that the token passes, plus attention with a causal mask
 * counted as half (12 · h · s / 2 for each layer).
 */
export function modelFlopsPerToken(shape: ModelShape, sequence: number): number {
  const { hidden, gated, vocabulary } = shape;
  const predictions = shape.predictionBlocks ?? [];
  const outside =
    6 * hidden * vocabulary * (1 + predictions.length) +
    6 * projectionParameters(shape) * predictions.length;
  return [...shape.blocks, ...predictions].reduce((sum, block) => {
    const { attention, feedForward, window = Infinity } = block;
    const matrices = gated ? 3 : 2;
    const active =
      attentionParameters(attention, hidden) +
      (feedForward.kind === 'dense'
        ? matrices * hidden * feedForward.width
        : matrices * hidden * (feedForward.perToken * feedForward.width + feedForward.sharedWidth));
    const keys = Math.min(window, sequence / 2);
    const { queryWidth, valueWidth } = headWidths(attention);
    return sum + 6 * active + 6 * keys * attention.heads * (queryWidth + valueWidth);
  }, outside);
}

/** Dimensions of a head's query and of its value. */
export function headWidths(attention: Attention): { queryWidth: number; valueWidth: number } {
  return attention.kind === 'grouped'
    ? { queryWidth: attention.headDimension, valueWidth: attention.headDimension }
    : {
        queryWidth: attention.plainDimension + attention.rotaryDimension,
        valueWidth: attention.valueDimension,
      };
}
