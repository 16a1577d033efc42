import {
  BACKWARD,
  FORWARD,
  INPUT_GRADIENT,
  INSTRUCTION_KINDS,
  WEIGHT_GRADIENT,
  type Operation,
} from '../profile/operation.js';
import type { ComputationDag } from './dag.js';

/** One instruction of a stage's order. */
export interface ScheduledInstruction {
  /** Index into INSTRUCTION_KINDS. */
  readonly kind: number;
  readonly microbatch: number;
  /** Index of the stage's part of the model that runs it; default: 0. */
  readonly chunk?: number;
  /**
   * Whether it runs as one with the next instruction: both begin when the inputs of both are there,
   * and both outputs are there when both are done.
   */
  readonly isFused?: boolean;
}

/** The instructions of one stage in execution order. */
export type StageOrder = readonly ScheduledInstruction[];

/** The order of every stage, and the part of the model that each instruction runs. */
interface InstructionOrders {
  readonly name: string;
  readonly microbatchCount: number;
  /** One order per stage. */
  readonly orders: readonly StageOrder[];
  /** Default: as many as pipeline stages. */
  readonly modelStageCount?: number;
  /** The model stage of a pipeline stage's chunk; default: the stage itself. */
  readonly modelStageOf?: (stage: number, chunk: number) => number;
}

const KINDS = INSTRUCTION_KINDS.length;

/**
 * Builds the DAG of one iteration from the order in which every stage runs its instructions. Each
 * instruction waits for the one before it on its stage. A forward also waits for the same
 * microbatch's forward on the previous model stage, and a gradient (backward or input-gradient) for
 * that on the next model stage. A stage's order must put the forward and the input-gradient that an
 * instruction needs before that instruction.
 *
 * Time and space O(instructions).
 * @throws Error if the orders deadlock, or lack or repeat an instruction: no such pipeline can
 *   run.
 */
export function buildDag(plan: InstructionOrders): ComputationDag {
  const { name, microbatchCount, orders } = plan;
  const stageCount = orders.length;
  const { modelStageCount = stageCount, modelStageOf = (s: number) => s } = plan;
  const rows = layOut(orders, modelStageOf);
  const idOf = findInstructions(rows, modelStageCount, microbatchCount);
  const arcs = dependencies(rows, idOf, modelStageCount, microbatchCount);
  const { start: successorStart, target: successor } = transpose(
    arcs.predecessorStart,
    arcs.predecessor,
  );
  return {
    schedule: name,
    stageCount,
    modelStageCount,
    microbatchCount,
    instructionCount: rows.stage.length,
    operations: rows.operations,
    stageStart: rows.stageStart,
    stage: rows.stage,
    kind: rows.kind,
    microbatch: rows.microbatch,
    operation: rows.operation,
    ...arcs,
    successorStart,
    successor,
    topologicalOrder: sortTopologically(arcs.predecessorStart, successorStart, successor),
  };
}

/** The orders as parallel arrays, instructions numbered stage by stage. */
interface Rows {
  readonly stageStart: Int32Array;
  readonly stage: Int32Array;
  readonly kind: Uint8Array;
  readonly microbatch: Int32Array;
  readonly modelStage: Int32Array;
  readonly operations: Operation[];
  readonly operation: Int32Array;
  /** 1 for the first of two instructions that run as one. */
  readonly isFused: Uint8Array;
}

function layOut(
  orders: readonly StageOrder[],
  modelStageOf: (stage: number, chunk: number) => number,
): Rows {
  const stageStart = new Int32Array(orders.length + 1);
  orders.forEach((order, s) => (stageStart[s + 1] = stageStart[s]! + order.length));
  const n = stageStart.at(-1)!;
  const rows = {
    stageStart,
    stage: new Int32Array(n),
    kind: new Uint8Array(n),
    microbatch: new Int32Array(n),
    modelStage: new Int32Array(n),
    operation: new Int32Array(n),
    isFused: new Uint8Array(n),
  };
  const operations: Operation[] = [];
  orders.forEach((order, s) => {
    const keyOf = ({ chunk = 0, kind }: ScheduledInstruction) => chunk * KINDS + kind;
    const keys = [...new Set(order.map(keyOf))].sort((a, b) => a - b);
    const numberOf = new Map(keys.map((key, k) => [key, operations.length + k]));
    for (const key of keys) {
      const chunk = Math.floor(key / KINDS);
      const kind = INSTRUCTION_KINDS[key % KINDS]!;
      operations.push({ stage: s, chunk, modelStage: modelStageOf(s, chunk), kind });
    }
    order.forEach((instruction, k) => {
      const i = stageStart[s]! + k;
      rows.stage[i] = s;
      rows.kind[i] = instruction.kind;
      rows.microbatch[i] = instruction.microbatch;
      rows.modelStage[i] = modelStageOf(s, instruction.chunk ?? 0);
      rows.operation[i] = numberOf.get(keyOf(instruction))!;
      rows.isFused[i] = instruction.isFused === true ? 1 : 0;
    });
  });
  return { ...rows, operations };
}

/** Instruction that runs (model stage, kind, microbatch), or −1: `[(v · kinds + kind) · M + m]`. */
function findInstructions(
  { kind, microbatch, modelStage }: Rows,
  modelStageCount: number,
  microbatchCount: number,
): Int32Array {
  const idOf = new Int32Array(modelStageCount * KINDS * microbatchCount).fill(-1);
  for (let i = 0; i < kind.length; i++) {
    const key = (modelStage[i]! * KINDS + kind[i]!) * microbatchCount + microbatch[i]!;
    if (idOf[key]! >= 0) {
      throw new Error(
        `the schedule runs the ${INSTRUCTION_KINDS[kind[i]!]!} of microbatch ${microbatch[i]!} on model stage ${modelStage[i]!} twice`,
      );
    }
    idOf[key] = i;
  }
  return idOf;
}

/** Arcs, and the stages that instructions hand their results to. */
function dependencies(
  { stageStart, stage, kind, microbatch, modelStage, isFused }: Rows,
  idOf: Int32Array,
  modelStageCount: number,
  microbatchCount: number,
) {
  const n = stage.length;
  const find = (v: number, k: number, m: number): number =>
    v < 0 || v >= modelStageCount ? -1 : idOf[(v * KINDS + k) * microbatchCount + m]!;
  const gradient = (v: number, m: number): number =>
    Math.max(find(v, BACKWARD, m), find(v, INPUT_GRADIENT, m));
  /**
   * The instruction on the neighbouring model stage whose output instruction i waits for, or −1.
   */
  const inputOf = (i: number): number => {
    const [v, m] = [modelStage[i]!, microbatch[i]!];
    switch (kind[i]) {
      case FORWARD:
        return find(v - 1, FORWARD, m);
      case BACKWARD:
      case INPUT_GRADIENT:
        return gradient(v + 1, m);
      default:
        return -1;
    }
  };
  const predecessorStart = new Int32Array(n + 1);
  const predecessorList = new Int32Array(3 * n);
  const inputStage = new Int32Array(n).fill(-1);
  const outputStage = new Int32Array(n).fill(-1);
  let arcCount = 0;
  for (let i = 0; i < n; i++) {
    checkOwnInputs(i, kind, find(modelStage[i]!, FORWARD, microbatch[i]!), () =>
      find(modelStage[i]!, INPUT_GRADIENT, microbatch[i]!),
    );
    const isFirst = i === stageStart[stage[i]!]!;
    if (!isFirst) predecessorList[arcCount++] = i - 1;
    const input = inputOf(i);
    const inputs = [input, isFused[i] === 1 ? inputOf(i + 1) : -1];
    for (const needed of inputs) {
      if (needed < 0) continue;
      const done = needed + isFused[needed]!;
      if (done !== i - 1 || isFirst) predecessorList[arcCount++] = done;
    }
    if (input >= 0 && stage[input] !== stage[i]) {
      inputStage[i] = stage[input]!;
      outputStage[input] = stage[i]!;
    }
    predecessorStart[i + 1] = arcCount;
  }
  const predecessor = predecessorList.slice(0, arcCount);
  return { predecessorStart, predecessor, inputStage, outputStage };
}

/** An instruction that i needs on its own stage has a smaller number: the order puts it first. */
function checkOwnInputs(
  i: number,
  kind: Uint8Array,
  forward: number,
  inputGradient: () => number,
): void {
  const needs = kind[i] === WEIGHT_GRADIENT ? inputGradient() : forward;
  if (kind[i] === FORWARD || (needs >= 0 && needs < i)) return;
  throw new Error(
    `the schedule runs instruction ${i}, a ${INSTRUCTION_KINDS[kind[i]!]!}, before what it needs of its own stage`,
  );
}

/**
 * Reverses every arc of a CSR graph; the arcs of each node come out in rising order. O(n + arcs).
 */
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

/** Kahn's algorithm; ties are broken by instruction number. O(n + arcs). */
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
      `the schedule deadlocks: ${nodeCount - length} of ${nodeCount} instructions wait for each other`,
    );
  }
  return order;
}
