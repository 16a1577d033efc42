import { BACKWARD, FORWARD } from '../profile/stage-profile.js';
import { buildDag, type StageOrder } from './build-dag.js';
import type { ComputationDag } from './dag.js';

/**
 * The order in which one stage of a 1F1B pipeline runs its instructions: enough forwards to fill
 * the stages behind it, then one forward and one backward in turn, then the backwards that are
 * left (PipeDream-Flush, Narayanan et al., ICML '21). With fewer microbatches than stages the
 * filling simply ends early.
 */
export function oneFOneBOrder(
  stage: number,
  stageCount: number,
  microbatchCount: number,
): StageOrder {
  const kind = new Uint8Array(2 * microbatchCount);
  const microbatch = new Int32Array(2 * microbatchCount);
  const warmup = Math.min(stageCount - 1 - stage, microbatchCount);
  let forwards = 0;
  let backwards = 0;
  for (let i = 0; i < kind.length; i++) {
    const runForward =
      forwards < microbatchCount && (forwards < warmup || forwards - backwards <= warmup);
    kind[i] = runForward ? FORWARD : BACKWARD;
    microbatch[i] = runForward ? forwards++ : backwards++;
  }
  return { kind, microbatch };
}

/**
 * The computation DAG of a 1F1B pipeline. Any number of stages ≥ 1 and microbatches ≥ 1.
 * Time and space O(stages · microbatches).
 */
export function oneFOneB(stageCount: number, microbatchCount: number): ComputationDag {
  const orders = Array.from({ length: stageCount }, (_, stage) =>
    oneFOneBOrder(stage, stageCount, microbatchCount),
  );
  return buildDag('1f1b', microbatchCount, orders);
}
