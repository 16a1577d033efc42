import { pathTimes } from './critical-path.js';
import type { ComputationDag } from './dag.js';

/**
 * Bubble ratio of a pipeline: how long its stages wait for each other, over how long they compute,
 * without overheads (Narayanan et al., SC '21, section 2.2: t_pb / t_id). Of an iteration's time the
 * bubble is ratio / (1 + ratio). O(instructions + arcs).
 *
 * @param duration per instruction, in any unit.
 */
export function bubbleRatio(dag: ComputationDag, duration: ArrayLike<number>): number {
  let computing = 0;
  for (let i = 0; i < dag.instructionCount; i++) computing += duration[i]!;
  return (dag.stageCount * pathTimes(dag, duration).length) / computing - 1;
}
