import { quoted } from '../../src/problem-list.js';
import { USUAL_EXCHANGE, type ExpertExchange, type Layout } from './layout.js';
import type { ModelShape } from './model-shape.js';
import { jobParts, type PredictedJob } from './predict.js';
import {
  layoutParts,
  layoutPredictions,
  requestedPartition,
  unrolledLayout,
  type PartLayers,
} from './stage-layers.js';

/** Columns of cases that describe departures from the usual job. */
export const OPTION_COLUMNS = [
  'layout',
  'account_for_embedding',
  'account_for_loss',
  'mtp',
  'fsdp',
  'expert_imbalance',
  'expert_exchange',
  'expert_dispatch',
  'expert_overlap',
] as const;

/** Access to the cells of a row, and the reporting of their problems. */
export interface OptionReading {
  /** Empty if there is none. */
  readonly cell: (column: string) => string;
  readonly count: (column: 'first_stage_layers' | 'last_stage_layers') => number | undefined;
  /** One of the choices, the first by default. */
  readonly choose: (column: string, choices: readonly string[]) => string;
  readonly complain: (column: string, message: string) => void;
}

const SHARDINGS = { no: undefined, full_shard: 'weights', shard_grad_op: 'gradients' } as const;

/** Whether replicas share out weights, by the names in PyTorch's FSDP. */
export function readSharding({ choose }: OptionReading): Pick<Layout, 'sharded'> {
  const chosen = choose('fsdp', Object.keys(SHARDINGS));
  const sharded = Object.hasOwn(SHARDINGS, chosen)
    ? SHARDINGS[chosen as keyof typeof SHARDINGS]
    : undefined;
  return sharded === undefined ? {} : { sharded };
}

/** The way in which tokens reach their experts, if any column gives an unusual one. */
export function readExchange(
  { cell, choose, complain }: OptionReading,
  expert: number,
): Pick<Layout, 'exchange'> {
  const text = cell('expert_imbalance');
  const imbalance = text === '' ? 1 : /^\d+(\.\d*)?$/.test(text) ? Number(text) : NaN;
  if (!(imbalance >= 1 && imbalance <= Math.max(1, expert))) {
    const range =
      expert > 1 ? `a number from 1 to ep, ${expert}` : '1, as one GPU has all experts (ep is 1)';
    complain(
      'expert_imbalance',
      `found ${quoted(text)}, expected the busiest GPU's tokens over the mean: ${range}`,
    );
  }
  const exchange: ExpertExchange = {
    imbalance,
    oncePerNode: choose('expert_exchange', ['experts', 'nodes']) === 'nodes',
    inFp8: choose('expert_dispatch', ['bf16', 'fp8']) === 'fp8',
    isOverlapped: choose('expert_overlap', ['no', 'yes']) === 'yes',
  };
  const isUsual = (Object.keys(USUAL_EXCHANGE) as (keyof ExpertExchange)[]).every(
    (key) => exchange[key] === USUAL_EXCHANGE[key],
  );
  return isUsual ? {} : { exchange };
}

/**
 * The model with or without the blocks that predict later tokens. Recipes for models with such
 * blocks train them too (Megatron Bridge's for DeepSeek-V3: `mtp_num_layers = 1`), so that is the
 * default. A model that is cut short ends before them, and a layout string states them itself.
 */
export function readPredictions(
  { cell, choose, complain }: OptionReading,
  shape: ModelShape,
  isCutShort: boolean,
): ModelShape {
  const { predictionBlocks, ...without } = shape;
  const isAsked = cell('mtp') !== '' && choose('mtp', ['yes', 'no']) === 'yes';
  if (predictionBlocks === undefined) {
    if (isAsked) {
      const message = `found yes, but ${shape.name} predicts one token (no num_nextn_predict_layers)`;
      complain('mtp', message);
    }
    return shape;
  }
  const ofLayout = layoutPredictions(cell('layout'));
  const byDefault = ofLayout === undefined ? !isCutShort : ofLayout > 0;
  return (cell('mtp') === '' ? byDefault : isAsked) ? shape : without;
}

/** Chunks of each stage, as a job's layout has them; one where it says nothing of use, or nothing at all. */
export function chunksOfLayout({ cell }: OptionReading, stages: number): number {
  const parts = layoutParts(cell('layout')) ?? stages;
  return parts % stages === 0 ? parts / stages : 1;
}

/** Complains of cells that can be wrong whatever the model is, so that all of them are named at once. */
export function checkChoices({ cell, choose, complain }: OptionReading): void {
  choose('mtp', ['yes', 'no']);
  choose('account_for_embedding', ['no', 'yes']);
  choose('account_for_loss', ['no', 'yes']);
  const made = unrolledLayout(cell('layout'));
  if (typeof made !== 'string') {
    complain('layout', `found ${quoted(cell('layout'))}: ${made.problem}`);
  }
}

/** The layers of each part of the model, if columns give them. */
export function readPartition(
  { cell, count, choose, complain }: OptionReading,
  shape: ModelShape,
  stages: number,
  chunks: number,
): PartLayers[] | undefined {
  const isYes = (column: string) => choose(column, ['no', 'yes']) === 'yes';
  return requestedPartition(
    {
      layout: cell('layout'),
      firstStageLayers: count('first_stage_layers'),
      lastStageLayers: count('last_stage_layers'),
      countsEmbedding: isYes('account_for_embedding'),
      countsLoss: isYes('account_for_loss'),
    },
    {
      blocks: shape.blocks.length,
      predictions: (shape.predictionBlocks ?? []).length,
      stages,
      chunks,
    },
    complain,
  );
}

/** Doubts about a job's model, and defaults that change its time by several percent. */
export function defaultNotes(job: PredictedJob, { cell }: OptionReading): string[] {
  const { shape, layout, chunks, partition } = job;
  const notes = (shape.notes ?? []).map((note) => `${shape.name} ${note}`);
  const parts = layout.pipeline * chunks;
  if (partition === undefined && shape.blocks.length % parts !== 0) {
    const counts = jobParts(job).map(({ firstBlock, endBlock }) => endBlock - firstBlock);
    notes.push(
      `${shape.blocks.length} layers of ${shape.name} do not divide by ${layout.pipeline} stages × ${chunks} chunks, ` +
        `and are cut so that the slowest part is fastest (${inRuns(counts)}); layout says it otherwise`,
    );
  }
  if (shape.predictionBlocks !== undefined && cell('mtp') === '' && cell('layout') === '') {
    notes.push(
      `${shape.name} is trained to predict ${1 + shape.predictionBlocks.length} tokens, as its recipes do; mtp: no leaves that out`,
    );
  }
  const hasExperts = shape.blocks.some(({ feedForward }) => feedForward.kind === 'experts');
  if (hasExperts && layout.expert > 1 && cell('expert_imbalance') === '') {
    notes.push(
      'all GPUs get equally many tokens for their experts; expert_imbalance says otherwise',
    );
  }
  return notes;
}

/** Numbers in a row, equal ones together: `1, 62 × 2, 1`. */
function inRuns(counts: readonly number[]): string {
  const runs: { count: number; times: number }[] = [];
  for (const count of counts) {
    const last = runs.at(-1);
    if (last?.count === count) last.times++;
    else runs.push({ count, times: 1 });
  }
  return runs
    .map(({ count, times }) => (times === 1 ? String(count) : `${times} × ${count}`))
    .join(', ');
}
