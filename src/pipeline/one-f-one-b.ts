import { BACKWARD, FORWARD } from '../profile/operation.js';
import { buildDag, type StageOrder } from './build-dag.js';
import type { ComputationDag } from './dag.js';
import type { Schedule } from './schedule.js';

/**
 * The order in which one stage of a 1F1B pipeline runs its instructions: enough forwards to fill
 * the stages behind it, then one forward and one backward in turn, then the remaining backwards
 * (PipeDream-Flush, Narayanan et al., ICML '21). With fewer microbatches than stages the filling
 * simply ends early.
 */
export function oneFOneBOrder(
  stage: number,
  stageCount: number,
  microbatchCount: number,
): StageOrder {
  const warmup = Math.min(stageCount - 1 - stage, microbatchCount);
  let forwards = 0;
  let backwards = 0;
  return Array.from({ length: 2 * microbatchCount }, () => {
    const runForward =
      forwards < microbatchCount && (forwards < warmup || forwards - backwards <= warmup);
    return runForward
      ? { kind: FORWARD, microbatch: forwards++ }
      : { kind: BACKWARD, microbatch: backwards++ };
  });
}

/**
 * The computation DAG of a 1F1B pipeline. Any number of stages ≥ 1 and microbatches ≥ 1.
 * Time and space O(stages · microbatches).
 */
export function oneFOneB(stageCount: number, microbatchCount: number): ComputationDag {
  const orders = Array.from({ length: stageCount }, (_, stage) =>
    oneFOneBOrder(stage, stageCount, microbatchCount),
  );
  return buildDag({ name: '1f1b', microbatchCount, orders });
}

export const ONE_F_ONE_B = {
  name: '1f1b',
  title: '1F1B',
  aliases: [
    ...['one-f-one-b', 'Schedule1F1B', 'PipeDream-Flush', 'DAPPLE'],
    ...[
      'non-interleaved',
      'non-interleaved 1F1B',
      'forward_backward_pipelining_without_interleaving',
    ],
  ],
  relatives: ['PipeDream'],
  dag: ({ stages, microbatches }) => oneFOneB(stages, microbatches),
} as const satisfies Schedule;
