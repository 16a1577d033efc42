import { BACKWARD, FORWARD } from '../profile/operation.js';
import { buildDag, type StageOrder } from './build-dag.js';
import type { ComputationDag } from './dag.js';
import type { Schedule } from './schedule.js';

/**
 * GPipe (Huang et al., NeurIPS '19, figure 2c): all forwards, then all backwards, both from the
 * first microbatch to the last, as torch.distributed.pipelining runs it. Any number of stages ≥ 1 and
 * microbatches ≥ 1. Time and space O(stages · microbatches).
 */
function gpipe(stageCount: number, microbatchCount: number): ComputationDag {
  const microbatches = Array.from({ length: microbatchCount }, (_, m) => m);
  const order: StageOrder = [
    ...microbatches.map((microbatch) => ({ kind: FORWARD, microbatch })),
    ...microbatches.map((microbatch) => ({ kind: BACKWARD, microbatch })),
  ];
  const orders = Array.from({ length: stageCount }, () => order);
  return buildDag({ name: 'gpipe', microbatchCount, orders });
}

export const GPIPE = {
  name: 'gpipe',
  title: 'GPipe',
  aliases: ['ScheduleGPipe', 'fill-drain', 'F-then-B', 'all-forward-all-backward', 'AFAB'],
  relatives: ['ScheduleLoopedBFS', 'breadth-first'],
  dag: ({ stages, microbatches }) => gpipe(stages, microbatches),
} as const satisfies Schedule;
