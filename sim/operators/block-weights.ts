import type { Layout } from './layout.js';
import { blockParameters, type Block, type ModelShape } from './model-shape.js';

/** Weights of a part on one GPU. */
export interface PartParameters {
  readonly dense: number;
  readonly experts: number;
}

/** Weights of a block on one GPU. */
export function blockWeights(block: Block, shape: ModelShape, layout: Layout): PartParameters {
  const { dense, experts } = blockParameters(block, shape);
  return { dense: dense / layout.tensor, experts: experts / layout.expert };
}
