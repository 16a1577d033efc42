import type { ComputationDag } from '../../pipeline/dag.js';
import { lagBetween, type Lags } from '../../pipeline/critical-path.js';

/**
 * The events of one iteration that has to finish within a deadline, and the least times between
 * them. The beginning and the end are one event, the *ground*: the end is the deadline after it.
 *
 * - node 0 is the ground, instruction i starts at node 1 + 2i and finishes at node 2 + 2i;
 * - arc a < instructionCount is instruction a; the others are dependencies, with the least time from
 *   tail to head as their `gap`, negative (by the deadline) for those that end the iteration;
 * - an arc is two *ways*: 2a along arc a to its head, 2a + 1 against it to its tail. The ways that
 *   leave node v, and the nodes that they lead to, are the entries from `sideStart[v]` up to, not
 *   including, `sideStart[v + 1]` of `side` and `sideEnd`.
 */
export interface TimingNetwork {
  readonly instructionCount: number;
  readonly nodeCount: number;
  readonly arcCount: number;
  readonly tail: Int32Array;
  readonly head: Int32Array;
  readonly gap: Float64Array;
  readonly sideStart: Int32Array;
  readonly side: Int32Array;
  readonly sideEnd: Int32Array;
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
  const nodeCount = 1 + 2 * dag.instructionCount;
  return {
    ...{ instructionCount: dag.instructionCount, nodeCount, arcCount: arcs.gap.length },
    ...arcs,
    ...sidesOf(nodeCount, arcs.tail, arcs.head),
  };
}

/** The arcs of the network, always in the same order; deadline, lags and gaps in any one unit. */
export function timingArcs(
  dag: ComputationDag,
  deadline: number,
  lags: Lags | undefined,
): Pick<TimingNetwork, 'tail' | 'head' | 'gap'> {
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
    tail: tail.slice(0, arcCount),
    head: head.slice(0, arcCount),
    gap: gap.slice(0, arcCount),
  };
}

function sidesOf(
  nodeCount: number,
  tail: Int32Array,
  head: Int32Array,
): Pick<TimingNetwork, 'sideStart' | 'side' | 'sideEnd'> {
  const sideStart = new Int32Array(nodeCount + 1);
  for (const nodes of [tail, head]) for (const v of nodes) sideStart[v + 1]!++;
  for (let v = 0; v < nodeCount; v++) sideStart[v + 1]! += sideStart[v]!;
  const next = sideStart.slice(0, nodeCount);
  const side = new Int32Array(2 * tail.length);
  const sideEnd = new Int32Array(2 * tail.length);
  const add = (from: number, to: number, way: number) => {
    const s = next[from]!++;
    side[s] = way;
    sideEnd[s] = to;
  };
  for (let a = 0; a < tail.length; a++) add(tail[a]!, head[a]!, 2 * a);
  for (let a = 0; a < tail.length; a++) add(head[a]!, tail[a]!, 2 * a + 1);
  return { sideStart, side, sideEnd };
}
