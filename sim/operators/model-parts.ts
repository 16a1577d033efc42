import { minimumImbalance } from '../../src/pipeline/partition.js';
import {
  blockOperators,
  embeddingOperators,
  headOperators,
  type Microbatch,
} from './block-operators.js';
import type { ModelShape } from './model-shape.js';
import {
  addWork,
  NO_WORK,
  operatorTime,
  totalTimeS,
  type Execution,
  type WorkTimeS,
} from './operator-time.js';
import type { Operator } from './operators.js';

/** How much of a forward is computed again before its backward. */
export const RECOMPUTATIONS = ['none', 'selective', 'full'] as const;

export type Recomputation = (typeof RECOMPUTATIONS)[number];

/** One part of the model: the blocks on one stage, or on one chunk of a stage. */
export interface ModelPart {
  readonly firstBlock: number;
  /** One past the last. */
  readonly endBlock: number;
  readonly hasEmbedding: boolean;
  readonly hasHead: boolean;
  readonly forward: WorkTimeS;
  readonly backward: WorkTimeS;
}

/**
 * Cuts a model into parts and times them. Blocks are spread evenly where that goes, else so that
 * the slowest part is as fast as can be.
 *
 * @param firstLayers blocks of the first part, where a job says so.
 * @throws RangeError when there are more parts than blocks.
 */
export function modelParts(
  shape: ModelShape,
  parts: number,
  microbatch: Microbatch,
  recompute: Recomputation,
  execution: Execution,
  firstLayers?: number,
): ModelPart[] {
  const { layout } = execution;
  const { blocks } = shape;
  if (parts > blocks.length) throw new RangeError(`${parts} parts of ${blocks.length} blocks`);
  const timed = new Map(
    [...new Set(blocks)].map((block) => [
      block,
      timesOf(blockOperators(block, shape, microbatch, layout), recompute, execution),
    ]),
  );
  const embedding = timesOf(embeddingOperators(shape, microbatch, layout), 'none', execution);
  const head = timesOf(headOperators(shape, microbatch, layout), 'none', execution);
  const costS = (times: PassTimes) => totalTimeS(times.forward) + totalTimeS(times.backward);
  const counts =
    firstLayers !== undefined
      ? unevenCounts(blocks.length, firstLayers, parts)
      : blocks.length % parts === 0
        ? Array.from({ length: parts }, () => blocks.length / parts)
        : balancedCounts(
            blocks.map((block) => costS(timed.get(block)!)),
            costS(embedding),
            costS(head),
            parts,
          );
  let firstBlock = 0;
  return counts.map((count, part) => {
    const endBlock = firstBlock + count;
    const hasEmbedding = part === 0;
    const hasHead = part === parts - 1;
    const times = [
      ...(hasEmbedding ? [embedding] : []),
      ...blocks.slice(firstBlock, endBlock).map((block) => timed.get(block)!),
      ...(hasHead ? [head] : []),
    ];
    const sum = (pass: 'forward' | 'backward') =>
      times.reduce((total, time) => addWork(total, time[pass]), NO_WORK);
    const made: ModelPart = {
      firstBlock,
      endBlock,
      hasEmbedding,
      hasHead,
      forward: sum('forward'),
      backward: sum('backward'),
    };
    firstBlock = endBlock;
    return made;
  });
}

interface PassTimes {
  readonly forward: WorkTimeS;
  readonly backward: WorkTimeS;
}

function timesOf(
  operators: readonly Operator[],
  recompute: Recomputation,
  execution: Execution,
): PassTimes {
  const sum = (pass: 'forward' | 'backward', which: readonly Operator[]) =>
    which.reduce(
      (total, operator) => addWork(total, operatorTime(operator, pass, execution)),
      NO_WORK,
    );
  const again = {
    none: [],
    selective: operators.filter(({ kind }) => kind === 'attention'),
    full: operators,
  }[recompute];
  return {
    forward: sum('forward', operators),
    backward: addWork(sum('forward', again), sum('backward', operators)),
  };
}

/** As many blocks as are asked for on the first part, the others spread evenly over the rest. */
function unevenCounts(blocks: number, first: number, parts: number): number[] {
  return [first, ...Array.from({ length: parts - 1 }, () => (blocks - first) / (parts - 1))];
}

/** Blocks of each part when embedding and head are not cut off from their neighbours. */
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
