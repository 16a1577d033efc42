import { BACKWARD, RECOMPUTE } from '../profile/operation.js';
import { buildDag } from './build-dag.js';
import type { ComputationDag } from './dag.js';
import { oneFOneBOrder } from './one-f-one-b.js';
import type { Schedule } from './schedule.js';

/**
 * 1F1B with stages that keep only the inputs of their forwards, and recompute the rest before each
 * backward. The recomputation waits only for its stage, and so fills the bubble in which the stage
 * would wait for the gradient (Lai et al., Merak, TPDS '23).
 *
 * Any number of stages ≥ 1 and microbatches ≥ 1. Time and space O(stages · microbatches).
 */
export function earlyRecomputation(stageCount: number, microbatchCount: number): ComputationDag {
  const orders = Array.from({ length: stageCount }, (_, stage) =>
    oneFOneBOrder(stage, stageCount, microbatchCount).flatMap((instruction) =>
      instruction.kind === BACKWARD
        ? [{ kind: RECOMPUTE, microbatch: instruction.microbatch }, instruction]
        : [instruction],
    ),
  );
  return buildDag({ name: 'early-recomputation', microbatchCount, orders });
}

export const EARLY_RECOMPUTATION = {
  name: 'early-recomputation',
  title: '1F1B with early recomputation',
  aliases: ['early recompute', 'early recomputation 1F1B'],
  relatives: ['recomputation'],
  recomputes: true,
  dag: ({ stages, microbatches }) => earlyRecomputation(stages, microbatches),
} as const satisfies Schedule;
