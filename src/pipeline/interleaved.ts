import { BACKWARD, FORWARD } from '../profile/operation.js';
import { buildDag, type StageOrder } from './build-dag.js';
import type { ComputationDag } from './dag.js';
import { shapeProblem, type PipelineShape, type Schedule } from './schedule.js';

/**
 * Interleaved 1F1B (Narayanan et al., SC '21, section 2.2): every stage holds `chunkCount` parts of
 * the model, chunk c of stage s being model stage c · stages + s, so that a microbatch goes round
 * the pipeline several times and the bubble shrinks by as much.
 *
 * Microbatches go in groups: a group passes chunk 0, then chunk 1, and so on. The order is that of
 * Megatron-Core from 0.12 (`microbatch_group_size_per_vp_stage`) and of torch.distributed.pipelining;
 * SC '21 ran all forwards first when one group was everything, which held more activations for the
 * same time. Any number of microbatches ≥ 1. Time and space O(stages · chunks · microbatches).
 *
 * @param groupSize one that `isMicrobatchGroup` allows.
 */
export function interleaved(
  stageCount: number,
  microbatchCount: number,
  chunkCount: number,
  groupSize = microbatchGroupSize(stageCount, microbatchCount),
): ComputationDag {
  const forwards = forwardOrder(microbatchCount, chunkCount, groupSize);
  const orders = Array.from({ length: stageCount }, (_, stage) => {
    const behind = stageCount - 1 - stage;
    // With one chunk this is plain 1F1B.
    const filling = chunkCount === 1 ? behind : 2 * behind + (chunkCount - 1) * groupSize;
    return interleavedOrder(forwards, chunkCount, filling);
  });
  return buildDag({
    name: 'interleaved',
    microbatchCount,
    orders,
    modelStageCount: stageCount * chunkCount,
    modelStageOf: (stage, chunk) => chunk * stageCount + stage,
  });
}

/**
 * The smallest group of microbatches, at least one per stage, that leaves the last group with one
 * per stage too: with fewer, stages would wait for each other (Megatron-Core refuses that). This is
 * the number of stages if that divides the microbatches, else the group that torch forms for every
 * shape that torch runs; with fewer microbatches than stages, all of them. O(microbatches).
 */
export function microbatchGroupSize(stageCount: number, microbatchCount: number): number {
  for (let size = stageCount; size < microbatchCount; size++) {
    if (isMicrobatchGroup(size, stageCount, microbatchCount)) return size;
  }
  return microbatchCount;
}

/** Whether groups of this size, and the remainder in the last one, keep every stage busy. */
function isMicrobatchGroup(size: number, stageCount: number, microbatchCount: number): boolean {
  const fewest = Math.min(stageCount, microbatchCount);
  const last = microbatchCount % size;
  return size >= fewest && size <= microbatchCount && (last === 0 || last >= fewest);
}

/** A forward of a stage. */
interface ChunkForward {
  readonly microbatch: number;
  readonly chunk: number;
}

/** The forwards of every stage: each group through all chunks before the next one begins. */
function forwardOrder(
  microbatchCount: number,
  chunkCount: number,
  groupSize: number,
): ChunkForward[] {
  const order: ChunkForward[] = [];
  for (let first = 0; first < microbatchCount; first += groupSize) {
    const end = Math.min(first + groupSize, microbatchCount);
    for (let chunk = 0; chunk < chunkCount; chunk++) {
      for (let microbatch = first; microbatch < end; microbatch++) {
        order.push({ microbatch, chunk });
      }
    }
  }
  return order;
}

/**
 * A stage fills up with `filling` forwards: until the first group has returned to it for the last
 * time, plus two for each stage behind it. Then it alternates one forward and one backward.
 * Backwards go through the microbatches like forwards, and through the chunks in reverse.
 */
function interleavedOrder(
  forwards: readonly ChunkForward[],
  chunkCount: number,
  filling: number,
): StageOrder {
  const total = forwards.length;
  const warmup = Math.min(filling, total);
  const forward = (k: number) => ({ kind: FORWARD, ...forwards[k]! });
  const backward = (k: number) => {
    const { microbatch, chunk } = forwards[k]!;
    return { kind: BACKWARD, microbatch, chunk: chunkCount - 1 - chunk };
  };
  const order = [];
  for (let k = 0; k < warmup; k++) order.push(forward(k));
  for (let k = warmup; k < total; k++) order.push(forward(k), backward(k - warmup));
  for (let k = total - warmup; k < total; k++) order.push(backward(k));
  return order;
}

export const INTERLEAVED = {
  name: 'interleaved',
  title: 'interleaved 1F1B',
  aliases: [
    ...['interleaved 1F1B', '1F1B interleaved', 'ScheduleInterleaved1F1B'],
    ...['virtual pipeline', 'VPP', 'forward_backward_pipelining_with_interleaving'],
  ],
  relatives: [],
  usesChunks: true,
  usesMicrobatchGroups: true,
  goesRound: ({ stages, chunks }) => chunks > 1 && stages > 2,
  shapeProblems,
  dag: ({ stages, microbatches, chunks, microbatchGroup }) =>
    interleaved(stages, microbatches, chunks, microbatchGroup),
} as const satisfies Schedule;

/**
 * Rejects groups of microbatches that are too small or too large (Megatron-Core has the same
 * rules).
 */
function shapeProblems({ stages, microbatches, chunks, microbatchGroup: size }: PipelineShape) {
  if (size === undefined || chunks === 1) return [];
  if (isMicrobatchGroup(size, stages, microbatches)) return [];
  const fewest = Math.min(stages, microbatches);
  const expected = `${fewest} to ${microbatches} microbatches, with a last group of at least ${fewest}; left out it is ${microbatchGroupSize(stages, microbatches)}`;
  return [shapeProblem('microbatchGroup', size, expected)];
}
