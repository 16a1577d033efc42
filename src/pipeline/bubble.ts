import { pathTimes } from './critical-path.js';
import type { ComputationDag } from './dag.js';

/**
 * Bubble ratio of a pipeline: the time its stages wait for each other over the time they compute,
 * without overheads (Narayanan et al., SC '21, section 2.2: t_pb / t_id). The bubble takes ratio /
 * (1 + ratio) of the iteration's time. O(instructions + arcs).
 *
 * @param duration per instruction, in any unit.
 */
export function bubbleRatio(dag: ComputationDag, duration: ArrayLike<number>): number {
  let computing = 0;
  for (let i = 0; i < dag.instructionCount; i++) computing += duration[i]!;
  return (dag.stageCount * pathTimes(dag, duration).length) / computing - 1;
}
