import type { ComputationDag } from '../../pipeline/dag.js';
import { lagBetween, type Lags } from '../../pipeline/critical-path.js';
import { numberHalfArcs, type HalfArcs } from '../flow/half-arcs.js';

/**
 * The events of one iteration that has to finish within a deadline, and the least times between
 * them. The beginning and the end are one event, the *ground*: the end is the deadline after it.
 *
 * - node 0 is the ground, instruction i starts at node 1 + 2i and finishes at node 2 + 2i;
 * - arc a < instructionCount is instruction a; the others are dependencies, with the least time from
 *   tail to head as their `gap`, negative (by the deadline) for those that end the iteration.
 */
export interface TimingNetwork extends TimingArcs, HalfArcs {
  readonly instructionCount: number;
  readonly arcCount: number;
}

/** Per arc: its nodes, and the least time from one to the other. */
interface TimingArcs {
  readonly arcTail: Int32Array;
  readonly arcHead: Int32Array;
  readonly gap: Float64Array;
}

export const GROUND = 0;

/** Start node of an instruction. */
export function startOf(instruction: number): number {
  return 1 + 2 * instruction;
}

/** Finish node of an instruction. */
export function finishOf(instruction: number): number {
  return 2 + 2 * instruction;
}

/**
 * Builds the network of a pipeline. O(instructions + dependencies).
 * @param lags in ticks.
 */
export function timingNetwork(
  dag: ComputationDag,
  deadlineTicks: number,
  lags: Lags | undefined,
): TimingNetwork {
  const arcs = timingArcs(dag, deadlineTicks, lags);
  return {
    ...{ instructionCount: dag.instructionCount, arcCount: arcs.gap.length },
    ...arcs,
    ...numberHalfArcs(1 + 2 * dag.instructionCount, arcs.arcTail, arcs.arcHead),
  };
}

/** The arcs of the network, always in the same order; deadline, lags and gaps in any one unit. */
export function timingArcs(
  dag: ComputationDag,
  deadline: number,
  lags: Lags | undefined,
): TimingArcs {
  const { instructionCount: n, successorStart, successor, predecessorStart } = dag;
  const most = n + successor.length + 2 * n;
  const tail = new Int32Array(most);
  const head = new Int32Array(most);
  const gap = new Float64Array(most);
  let arcCount = 0;
  const add = (from: number, to: number, least: number) => {
    tail[arcCount] = from;
    head[arcCount] = to;
    gap[arcCount++] = least;
  };
  for (let i = 0; i < n; i++) add(startOf(i), finishOf(i), 0);
  for (let i = 0; i < n; i++) {
    const [first, end] = [successorStart[i]!, successorStart[i + 1]!];
    for (let a = first; a < end; a++) {
      const j = successor[a]!;
      add(finishOf(i), startOf(j), lags === undefined ? 0 : lagBetween(dag, lags, i, j));
    }
    // With lags, a stage may become free after all others are.
    const isLast = lags !== undefined && dag.stageStart[dag.stage[i]! + 1] === i + 1;
    if (first === end || isLast) {
      add(finishOf(i), GROUND, (lags?.ownStage[i] ?? 0) - deadline);
    }
    if (predecessorStart[i] === predecessorStart[i + 1]) add(GROUND, startOf(i), 0);
  }
  return {
    arcTail: tail.slice(0, arcCount),
    arcHead: head.slice(0, arcCount),
    gap: gap.slice(0, arcCount),
  };
}
