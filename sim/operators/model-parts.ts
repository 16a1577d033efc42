import { minimumImbalance } from '../../src/pipeline/partition.js';
import {
  blockOperators,
  embeddingOperators,
  headOperators,
  projectionOperators,
  type Microbatch,
} from './block-operators.js';
import { projectionParameters, type Block, type ModelShape } from './model-shape.js';
import { NO_WORK, totalTimeS, type Execution, type WorkTimeS } from './operator-time.js';
import {
  addPasses,
  shardedBlockTimes,
  shardedTimes,
  timesOf,
  type PassTimes,
  type Recomputation,
} from './pass-times.js';
import type { PartLayers } from './stage-layers.js';

export { RECOMPUTATIONS, type Recomputation } from './pass-times.js';

/** One part of the model: the blocks on one stage, or on one chunk of a stage. */
export interface ModelPart {
  readonly firstBlock: number;
  /** One past the last. */
  readonly endBlock: number;
  readonly hasEmbedding: boolean;
  readonly hasHead: boolean;
  /** Blocks that predict later tokens; one part has all of them. */
  readonly predictions: number;
  readonly forward: WorkTimeS;
  readonly backward: WorkTimeS;
}

/** Blocks of a part, with those that predict later tokens last. */
export function partBlocks(
  { firstBlock, endBlock, predictions }: Pick<ModelPart, 'firstBlock' | 'endBlock' | 'predictions'>,
  { blocks, predictionBlocks = [] }: ModelShape,
): Block[] {
  return [...blocks.slice(firstBlock, endBlock), ...predictionBlocks.slice(0, predictions)];
}

/**
 * Cuts a model into parts and times them. Blocks are spread evenly if possible, else so that the
 * slowest part is as fast as possible; those that predict later tokens are on the last part.
 *
 * @param partition the layers of each part, if the job gives them.
 * @throws RangeError if there are more parts than blocks, and no partition.
 */
export function modelParts(
  shape: ModelShape,
  parts: number,
  microbatch: Microbatch,
  recompute: Recomputation,
  execution: Execution,
  partition?: readonly PartLayers[],
): ModelPart[] {
  const times = layerTimes(shape, microbatch, recompute, execution);
  const layers = partition ?? defaultPartition(shape, parts, times);
  let firstBlock = 0;
  return layers.map(({ blocks, predictions }, part) => {
    const made = {
      firstBlock,
      endBlock: firstBlock + blocks,
      hasEmbedding: part === 0,
      hasHead: part === layers.length - 1,
      predictions,
    };
    firstBlock = made.endBlock;
    const sum = [
      ...(made.hasEmbedding ? [times.embedding] : []),
      ...partBlocks(made, shape).map((block) => times.ofBlock.get(block)!),
      ...Array.from({ length: predictions }, () => times.projection),
      ...(made.hasHead ? [times.head] : []),
    ].reduce(addPasses, { forward: NO_WORK, backward: NO_WORK });
    return { ...made, ...sum };
  });
}

/** Work of each component of a part. */
interface LayerTimes {
  readonly ofBlock: ReadonlyMap<Block, PassTimes>;
  readonly embedding: PassTimes;
  readonly projection: PassTimes;
  /** Of all predictions. */
  readonly head: PassTimes;
}

function layerTimes(
  shape: ModelShape,
  microbatch: Microbatch,
  recompute: Recomputation,
  execution: Execution,
): LayerTimes {
  const { layout } = execution;
  const { predictionBlocks = [] } = shape;
  const ofBlock = new Map(
    [...new Set([...shape.blocks, ...predictionBlocks])].map((block) => {
      const times = timesOf(blockOperators(block, shape, microbatch, layout), recompute, execution);
      return [block, shardedBlockTimes(times, block, shape, execution)];
    }),
  );
  const plain = (operators: Parameters<typeof timesOf>[0], weights: number) => {
    const times = timesOf(operators, 'none', execution);
    return shardedTimes(times, { dense: weights / layout.tensor, experts: 0 }, execution);
  };
  const vocabulary = shape.vocabulary * shape.hidden;
  const head = headOperators(shape, microbatch, layout);
  return {
    ofBlock,
    embedding: plain(embeddingOperators(shape, microbatch, layout), vocabulary),
    projection: plain(projectionOperators(shape, microbatch, layout), projectionParameters(shape)),
    head: plain([head, ...predictionBlocks.map(() => head)].flat(), vocabulary),
  };
}

/** Even, or with the slowest part as fast as possible. */
function defaultPartition(shape: ModelShape, parts: number, times: LayerTimes): PartLayers[] {
  const { blocks, predictionBlocks = [] } = shape;
  if (parts > blocks.length) throw new RangeError(`${parts} parts of ${blocks.length} blocks`);
  const costS = ({ forward, backward }: PassTimes) => totalTimeS(forward) + totalTimeS(backward);
  const predicting = predictionBlocks.reduce(
    (sum, block) => sum + costS(times.projection) + costS(times.ofBlock.get(block)!),
    0,
  );
  const counts =
    blocks.length % parts === 0
      ? Array.from({ length: parts }, () => blocks.length / parts)
      : balancedCounts(
          blocks.map((block) => costS(times.ofBlock.get(block)!)),
          costS(times.embedding),
          predicting + costS(times.head),
          parts,
        );
  return counts.map((count, part) => ({
    blocks: count,
    predictions: part === parts - 1 ? predictionBlocks.length : 0,
  }));
}

/** Blocks of each part if embedding and head are not separated from their neighbours. */
function balancedCounts(
  costs: readonly number[],
  embedding: number,
  head: number,
  parts: number,
): number[] {
  const together = costs.map((cost, k) => {
    const before = k === 0 ? embedding : 0;
    return before + cost + (k === costs.length - 1 ? head : 0);
  });
  return [...minimumImbalance(together, parts).layerCounts];
}
