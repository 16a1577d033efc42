import { FORWARD, INPUT_GRADIENT, WEIGHT_GRADIENT } from '../profile/operation.js';
import { buildDag, type StageOrder } from './build-dag.js';
import type { ComputationDag } from './dag.js';
import type { Schedule } from './schedule.js';

/**
 * ZB-H1 (Qi et al., Zero Bubble Pipeline Parallelism, ICLR '24, section 2.2): 1F1B with the
 * backward split. Gradients of inputs run as early as 1F1B's backwards. Gradients of weights, which
 * no other stage waits for, run `stage` microbatches later, so that every stage holds as many
 * microbatches as the first one; the remaining ones fill the bubble at the end.
 *
 * Any number of stages ≥ 1 and microbatches ≥ 1. Time and space O(stages · microbatches).
 */
export function zeroBubbleH1(stageCount: number, microbatchCount: number): ComputationDag {
  const orders = Array.from({ length: stageCount }, (_, stage) =>
    zeroBubbleOrder(stage, stageCount, microbatchCount),
  );
  return buildDag({ name: 'zb-h1', microbatchCount, orders });
}

function zeroBubbleOrder(stage: number, stageCount: number, microbatchCount: number): StageOrder {
  const order = [];
  const warmup = Math.min(stageCount - 1 - stage, microbatchCount);
  for (let m = 0; m < warmup; m++) order.push({ kind: FORWARD, microbatch: m });
  for (let m = 0; m < microbatchCount; m++) {
    if (m + warmup < microbatchCount) order.push({ kind: FORWARD, microbatch: m + warmup });
    order.push({ kind: INPUT_GRADIENT, microbatch: m });
    if (m >= stage) order.push({ kind: WEIGHT_GRADIENT, microbatch: m - stage });
  }
  for (let m = Math.max(0, microbatchCount - stage); m < microbatchCount; m++) {
    order.push({ kind: WEIGHT_GRADIENT, microbatch: m });
  }
  return order;
}

export const ZERO_BUBBLE_H1 = {
  name: 'zb-h1',
  title: 'ZB-H1',
  aliases: ['zero-bubble H1', 'zero-bubble-1p', 'ZB1P'],
  relatives: [
    ...['ScheduleInterleavedZeroBubble', 'ScheduleZBVZeroBubble'],
    ...['zero-bubble', 'zero-bubble H2', 'ZB-H2', 'ZB-V'],
  ],
  splitsBackward: true,
  dag: ({ stages, microbatches }) => zeroBubbleH1(stages, microbatches),
} as const satisfies Schedule;
