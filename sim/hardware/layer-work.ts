import type { ModelDescription } from './model-description.js';

/** A layer's operations and memory traffic for one microbatch, forward. */
export interface LayerWork {
  /** Floating-point operations of matrix products. */
  readonly flops: number;
  /** Bytes of weights and activations, each read or written once. */
  readonly bytes: number;
}

/** Half precision. */
const BYTES_PER_NUMBER = 2;

/** Weights of a transformer block, without biases and norms. */
function blockParameters(model: ModelDescription): number {
  return attentionParameters(model) + feedForwardParameters(model, 'all');
}

/**
 * Weights of the whole model; for the family gpt, input and output embeddings are shared by
 * default.
 */
export function modelParameters(
  model: ModelDescription,
  embeddings = model.family === 'gpt' ? 1 : 2,
): number {
  return model.layers * blockParameters(model) + embeddings * model.vocabulary * model.hidden;
}

function attentionParameters(model: ModelDescription): number {
  const { hidden } = model;
  const keyValue = model.family === 'gpt' ? 1 : model.keyValueHeads / model.heads;
  return hidden * hidden * (2 + 2 * keyValue);
}

function feedForwardParameters(model: ModelDescription, experts: 'all' | 'active'): number {
  const { hidden } = model;
  switch (model.family) {
    case 'gpt':
      return 8 * hidden * hidden;
    case 'llama':
      return 3 * hidden * model.feedForward;
    case 'moe': {
      const count = experts === 'all' ? model.experts : model.activeExperts;
      return count * 3 * hidden * model.feedForward + model.experts * hidden;
    }
  }
}

/**
 * Work of a transformer block, forward: two operations per weight and token, and 4 s h for the two
 * products of attention (Narayanan et al., SC '21, appendix: 24 B s h² + 4 B s² h for GPT).
 * Activations are 34 s B h bytes (Korthikanti et al., MLSys '23, equation 1, without the part of
 * attention that is recomputed).
 */
export function blockWork(
  model: ModelDescription,
  microbatch: number,
  sequence: number,
): LayerWork {
  const tokens = microbatch * sequence;
  const weights = attentionParameters(model) + feedForwardParameters(model, 'active');
  return {
    flops: tokens * (2 * weights + 4 * sequence * model.hidden),
    bytes: BYTES_PER_NUMBER * blockParameters(model) + 34 * tokens * model.hidden,
  };
}

/** Work of the language-model head: one product with the vocabulary. */
export function headWork(model: ModelDescription, microbatch: number, sequence: number): LayerWork {
  const tokens = microbatch * sequence;
  const { hidden, vocabulary } = model;
  return {
    flops: 2 * tokens * hidden * vocabulary,
    bytes: BYTES_PER_NUMBER * (hidden * vocabulary + tokens * (hidden + vocabulary)),
  };
}

/** Work of the embedding: it looks up and writes, without multiplying. */
export function embeddingWork(
  model: ModelDescription,
  microbatch: number,
  sequence: number,
): LayerWork {
  return { flops: 0, bytes: 2 * BYTES_PER_NUMBER * microbatch * sequence * model.hidden };
}
