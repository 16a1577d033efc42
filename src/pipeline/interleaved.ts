import { BACKWARD, FORWARD } from '../profile/operation.js';
import { buildDag, type StageOrder } from './build-dag.js';
import type { ComputationDag } from './dag.js';

/**
 * Interleaved 1F1B (Narayanan et al., SC '21, section 2.2): every stage holds `chunkCount` parts of
 * the model, chunk c of stage s being model stage c · stages + s, so that a microbatch goes round
 * the pipeline several times and the bubble shrinks by as much.
 *
 * Microbatches go in groups of `stageCount`: a group passes chunk 0, then chunk 1, …; hence their
 * number must be a multiple. Time and space O(stages · chunks · microbatches).
 */
export function interleaved(
  stageCount: number,
  microbatchCount: number,
  chunkCount: number,
): ComputationDag {
  const orders = Array.from({ length: stageCount }, (_, stage) =>
    interleavedOrder(stage, stageCount, microbatchCount, chunkCount),
  );
  return buildDag({
    name: 'interleaved',
    microbatchCount,
    orders,
    modelStageCount: stageCount * chunkCount,
    modelStageOf: (stage, chunk) => chunk * stageCount + stage,
  });
}

/**
 * A stage runs so many forwards that the first group comes back to it, twice the stages behind it
 * and all chunks but one of a group; then one forward and one backward in turn.
 */
function interleavedOrder(
  stage: number,
  stageCount: number,
  microbatchCount: number,
  chunkCount: number,
): StageOrder {
  const total = microbatchCount * chunkCount;
  // With one group all forwards come first; with one chunk this is plain 1F1B.
  const filling =
    chunkCount === 1
      ? stageCount - 1 - stage
      : 2 * (stageCount - 1 - stage) + (chunkCount - 1) * stageCount;
  const warmup =
    microbatchCount === stageCount && chunkCount > 1 ? total : Math.min(filling, total);
  /** The k-th forward of a stage, or its k-th backward, which goes through the chunks backwards. */
  const nth = (kind: number, k: number) => {
    const group = Math.floor(k / (stageCount * chunkCount));
    const chunk = Math.floor(k / stageCount) % chunkCount;
    return {
      kind,
      microbatch: group * stageCount + (k % stageCount),
      chunk: kind === FORWARD ? chunk : chunkCount - 1 - chunk,
    };
  };
  const order = [];
  for (let k = 0; k < warmup; k++) order.push(nth(FORWARD, k));
  for (let k = warmup; k < total; k++) order.push(nth(FORWARD, k), nth(BACKWARD, k - warmup));
  for (let k = total - warmup; k < total; k++) order.push(nth(BACKWARD, k));
  return order;
}
