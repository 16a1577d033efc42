import { BACKWARD, FORWARD, INSTRUCTION_KINDS } from '../profile/stage-profile.js';
import type { ComputationDag } from './dag.js';

/** The instructions of one stage in execution order: parallel arrays. */
export interface StageOrder {
  readonly kind: Uint8Array;
  readonly microbatch: Int32Array;
}

const KINDS = INSTRUCTION_KINDS.length;

/**
 * Builds the DAG of one iteration from the order every stage runs its instructions in.
 * An instruction waits for the one before it on its stage; a forward for the same microbatch's
 * forward on the stage before, a backward for the same microbatch's backward on the stage behind
 * (on the last stage: for its forward, which that stage's order must put first).
 *
 * Time and space O(instructions).
 * @throws Error when the orders dead-lock: no such pipeline can run.
 */
export function buildDag(
  schedule: string,
  microbatchCount: number,
  orders: readonly StageOrder[],
): ComputationDag {
  const stageCount = orders.length;
  const stageStart = new Int32Array(stageCount + 1);
  for (let s = 0; s < stageCount; s++) stageStart[s + 1] = stageStart[s]! + orders[s]!.kind.length;
  const instructionCount = stageStart[stageCount]!;

  const stage = new Int32Array(instructionCount);
  const kind = new Uint8Array(instructionCount);
  const microbatch = new Int32Array(instructionCount);
  const operation = new Int32Array(instructionCount);
  /** Instruction that runs (stage, kind, microbatch). */
  const idOf = new Int32Array(stageCount * KINDS * microbatchCount).fill(-1);
  for (let s = 0; s < stageCount; s++) {
    const order = orders[s]!;
    for (let k = 0, i = stageStart[s]!; k < order.kind.length; k++, i++) {
      stage[i] = s;
      kind[i] = order.kind[k]!;
      microbatch[i] = order.microbatch[k]!;
      operation[i] = s * KINDS + kind[i]!;
      idOf[operation[i]! * microbatchCount + microbatch[i]!] = i;
    }
  }

  /** The instruction of another stage whose output instruction i waits for, or −1. */
  const inputOf = (i: number): number => {
    const s = stage[i]!;
    const from = kind[i] === FORWARD ? s - 1 : s + 1;
    if (from < 0 || from >= stageCount) return -1;
    const fromKind = kind[i] === FORWARD ? FORWARD : BACKWARD;
    return idOf[(from * KINDS + fromKind) * microbatchCount + microbatch[i]!]!;
  };

  const predecessorStart = new Int32Array(instructionCount + 1);
  const predecessorList = new Int32Array(2 * instructionCount);
  let arcCount = 0;
  for (let i = 0; i < instructionCount; i++) {
    if (i > stageStart[stage[i]!]!) predecessorList[arcCount++] = i - 1;
    const input = inputOf(i);
    if (input >= 0) predecessorList[arcCount++] = input;
    predecessorStart[i + 1] = arcCount;
  }
  const predecessor = predecessorList.slice(0, arcCount);
  const { start: successorStart, target: successor } = transpose(predecessorStart, predecessor);
  const topologicalOrder = sortTopologically(predecessorStart, successorStart, successor);

  return {
    schedule,
    stageCount,
    microbatchCount,
    instructionCount,
    operationCount: stageCount * KINDS,
    stageStart,
    stage,
    kind,
    microbatch,
    operation,
    successorStart,
    successor,
    predecessorStart,
    predecessor,
    topologicalOrder,
  };
}

/** Reverses every arc of a CSR graph; arcs of a node come out in rising order. O(n + arcs). */
function transpose(
  start: Int32Array,
  target: Int32Array,
): { start: Int32Array; target: Int32Array } {
  const nodeCount = start.length - 1;
  const reversedStart = new Int32Array(nodeCount + 1);
  for (const node of target) reversedStart[node + 1]!++;
  for (let v = 0; v < nodeCount; v++) reversedStart[v + 1]! += reversedStart[v]!;
  const fill = reversedStart.slice(0, nodeCount);
  const reversedTarget = new Int32Array(target.length);
  for (let v = 0; v < nodeCount; v++) {
    for (let a = start[v]!; a < start[v + 1]!; a++) reversedTarget[fill[target[a]!]!++] = v;
  }
  return { start: reversedStart, target: reversedTarget };
}

/** Kahn's algorithm; ties in order of instruction number. O(n + arcs). */
function sortTopologically(
  predecessorStart: Int32Array,
  successorStart: Int32Array,
  successor: Int32Array,
): Int32Array {
  const nodeCount = predecessorStart.length - 1;
  const waitsFor = new Int32Array(nodeCount);
  const order = new Int32Array(nodeCount);
  let length = 0;
  for (let v = 0; v < nodeCount; v++) {
    waitsFor[v] = predecessorStart[v + 1]! - predecessorStart[v]!;
    if (waitsFor[v] === 0) order[length++] = v;
  }
  for (let k = 0; k < length; k++) {
    const v = order[k]!;
    for (let a = successorStart[v]!; a < successorStart[v + 1]!; a++) {
      const w = successor[a]!;
      if (--waitsFor[w]! === 0) order[length++] = w;
    }
  }
  if (length < nodeCount) {
    throw new Error(
      `the schedule dead-locks: ${nodeCount - length} of ${nodeCount} instructions wait for each other`,
    );
  }
  return order;
}
