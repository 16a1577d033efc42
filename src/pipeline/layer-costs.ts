/** A transformer's layers: the computation of each for one microbatch, in units of a block. */
export interface TransformerLayers {
  readonly blocks: number;
  /** Computation of the embedding; 0 for none. */
  readonly embeddingCost: number;
  /** Computation of the language-model head; 0 for none. */
  readonly headCost: number;
}

/** Costs of a transformer's layers, first to last. Embedding and head are layers of their own. */
export function transformerLayers({
  blocks,
  embeddingCost,
  headCost,
}: TransformerLayers): readonly number[] {
  return [embeddingCost, ...new Array<number>(blocks).fill(1), headCost].filter((cost) => cost > 0);
}
