import type { ComputationDag } from '../../pipeline/dag.js';
import { lagBetween, pathTimes } from '../../pipeline/critical-path.js';
import { numberHalfArcs, type HalfArcs } from '../flow/half-arcs.js';
import type { PlanningProblem } from '../planner.js';

/**
 * The flow network of a planning problem, its dual: every instruction is an arc from its start node
 * to its finish node, every dependency an arc from a finish to a start, with the lag between the
 * two as its length.
 *
 * Index conventions:
 * - node 0 is the source (iteration start), node 1 the sink (iteration end), instruction i starts
 *   at node 2 + 2i and finishes at node 3 + 2i;
 * - arc a < instructionCount is instruction a; the arcs after those are dependencies, and all lead
 *   forward in time.
 */
export interface Network extends HalfArcs {
  readonly instructionCount: number;
  readonly arcCount: number;
  /** Per arc: the node it comes from. */
  readonly arcTail: Int32Array;
  /**
   * Per arc: π_head − π_tail − duration in ticks, at the earliest times with every instruction at
   * its slowest.
   */
  readonly slackTicks: Ticks;
  /** Per instruction: its slowest duration. */
  readonly durationTicks: Int32Array;
  /** T* in ticks: length of the iteration with every instruction at its slowest. */
  readonly lengthTicks: number;
}

/** Whole numbers of ticks along paths, in doubles because they may exceed 32 bits. */
export type Ticks = Int32Array | Float64Array;

const LARGEST_INT32 = 2 ** 31 - 1;

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
  const { dag, operations } = problem;
  const lagTicks = problem.lags?.ticks;
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
  const { arcTail, arcHead } = listArcs(dag, lagTicks !== undefined);
  const arcCount = arcTail.length;
  const slackTicks: Ticks =
    length <= LARGEST_INT32 ? new Int32Array(arcCount) : new Float64Array(arcCount);
  for (let a = n; a < arcCount; a++) {
    const tail = arcTail[a]!;
    const to = arcHead[a]!;
    slackTicks[a] = timeOf(to) - timeOf(tail) - lag(tail, to);
  }
  return {
    instructionCount: n,
    arcCount,
    arcTail,
    ...numberHalfArcs(2 + 2 * n, arcTail, arcHead),
    slackTicks,
    durationTicks,
    lengthTicks: length,
  };
}

/**
 * Tails and heads of all arcs. With lags, a stage may become free after the others, so the
 * iteration's end waits for the last instruction of every stage.
 */
function listArcs(
  dag: ComputationDag,
  hasLags: boolean,
): { arcTail: Int32Array; arcHead: Int32Array } {
  const isLast = (i: number) => hasLags && dag.stageStart[dag.stage[i]! + 1] === i + 1;
  const tails: number[] = [];
  const heads: number[] = [];
  const addArc = (tail: number, to: number) => {
    tails.push(tail);
    heads.push(to);
  };
  for (let i = 0; i < dag.instructionCount; i++) addArc(startNode(i), finishNode(i));
  for (let i = 0; i < dag.instructionCount; i++) {
    const first = dag.successorStart[i]!;
    const end = dag.successorStart[i + 1]!;
    for (let a = first; a < end; a++) addArc(finishNode(i), startNode(dag.successor[a]!));
    if (first === end || isLast(i)) addArc(finishNode(i), SINK);
    if (dag.predecessorStart[i] === dag.predecessorStart[i + 1]) addArc(SOURCE, startNode(i));
  }
  return { arcTail: Int32Array.from(tails), arcHead: Int32Array.from(heads) };
}
