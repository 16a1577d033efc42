import type { ComputationDag } from '../../pipeline/dag.js';
import { lagBetween, pathTimes } from '../../pipeline/critical-path.js';
import type { PlanningProblem } from '../planner.js';

/**
 * The flow network of a planning problem, its dual: every instruction is an arc from its start node
 * to its finish node, every dependency an arc from a finish to a start, as long as the lag between
 * the two.
 *
 * Index conventions:
 * - node 0 is the source (iteration start), node 1 the sink (iteration end), instruction i starts
 *   at node 2 + 2i and finishes at node 3 + 2i;
 * - arc a < instructionCount is instruction a; the arcs after those are dependencies;
 * - arc a is two *half-arcs*: 2a from tail to head, 2a + 1 back; `h ^ 1` is the other half;
 * - `halfArc` lists the half-arcs that leave each node, those forward in time first; CSR with
 *   nodeCount + 1 starts.
 */
export interface Network {
  readonly instructionCount: number;
  readonly nodeCount: number;
  readonly arcCount: number;
  /** Node that a half-arc leads to; length 2 · arcCount. */
  readonly head: Int32Array;
  readonly halfArcStart: Int32Array;
  readonly halfArc: Int32Array;
  /** Per arc: π_head − π_tail − duration in ticks, for the earliest times with all at slowest. */
  readonly slackTicks: Int32Array;
  /** Per instruction: its slowest duration. */
  readonly durationTicks: Int32Array;
  /** Length of the iteration with every instruction at its slowest: T* in ticks. */
  readonly lengthTicks: number;
}

export const SOURCE = 0;
export const SINK = 1;

/** Start node of an instruction. */
export function startNode(instruction: number): number {
  return 2 + 2 * instruction;
}

/** Finish node of an instruction. */
export function finishNode(instruction: number): number {
  return 3 + 2 * instruction;
}

/** Builds the network with every instruction at its slowest. O(instructions + dependencies). */
export function buildNetwork(problem: PlanningProblem): Network {
  const { dag, operations, lagTicks } = problem;
  const n = dag.instructionCount;
  const durationTicks = Int32Array.from(dag.operation, (op) => operations[op]!.maxTicks);
  const { earliestStart, length } = pathTimes(dag, durationTicks, lagTicks);
  const timeOf = (node: number): number => {
    if (node === SOURCE) return 0;
    if (node === SINK) return length;
    const i = (node - 2) >> 1;
    return earliestStart[i]! + (node & 1 ? durationTicks[i]! : 0);
  };
  const lag = (tail: number, to: number): number => {
    if (lagTicks === undefined || tail === SOURCE) return 0;
    const from = (tail - 2) >> 1;
    return to === SINK ? lagTicks.ownStage[from]! : lagBetween(dag, lagTicks, from, (to - 2) >> 1);
  };
  const head = Int32Array.from(listHeads(dag, lagTicks !== undefined));
  const arcCount = head.length / 2;
  const slackTicks = new Int32Array(arcCount);
  for (let a = n; a < arcCount; a++) {
    const tail = head[2 * a + 1]!;
    slackTicks[a] = timeOf(head[2 * a]!) - timeOf(tail) - lag(tail, head[2 * a]!);
  }
  const nodeCount = 2 + 2 * n;
  const { halfArcStart, halfArc } = leavingHalfArcs(nodeCount, head);
  return {
    instructionCount: n,
    nodeCount,
    arcCount,
    head,
    halfArcStart,
    halfArc,
    slackTicks,
    durationTicks,
    lengthTicks: length,
  };
}

/**
 * Heads of all half-arcs: for each arc its head, then its tail. With lags, a stage may be free later
 * than the others are done, so that the iteration's end waits for the last of every stage.
 */
function listHeads(dag: ComputationDag, hasLags: boolean): number[] {
  const isLast = (i: number) => hasLags && dag.stageStart[dag.stage[i]! + 1] === i + 1;
  const head: number[] = [];
  const addArc = (tail: number, to: number) => head.push(to, tail);
  for (let i = 0; i < dag.instructionCount; i++) addArc(startNode(i), finishNode(i));
  for (let i = 0; i < dag.instructionCount; i++) {
    const first = dag.successorStart[i]!;
    const end = dag.successorStart[i + 1]!;
    for (let a = first; a < end; a++) addArc(finishNode(i), startNode(dag.successor[a]!));
    if (first === end || isLast(i)) addArc(finishNode(i), SINK);
    if (dag.predecessorStart[i] === dag.predecessorStart[i + 1]) addArc(SOURCE, startNode(i));
  }
  return head;
}

function leavingHalfArcs(
  nodeCount: number,
  head: Int32Array,
): { halfArcStart: Int32Array; halfArc: Int32Array } {
  const halfArcStart = new Int32Array(nodeCount + 1);
  const tailOf = (h: number) => head[h ^ 1]!;
  for (let h = 0; h < head.length; h++) halfArcStart[tailOf(h) + 1]!++;
  for (let v = 0; v < nodeCount; v++) halfArcStart[v + 1]! += halfArcStart[v]!;
  const fill = halfArcStart.slice(0, nodeCount);
  const halfArc = new Int32Array(head.length);
  for (let h = 0; h < head.length; h += 2) halfArc[fill[tailOf(h)]!++] = h;
  for (let h = 1; h < head.length; h += 2) halfArc[fill[tailOf(h)]!++] = h;
  return { halfArcStart, halfArc };
}
