import type { Operation } from '../profile/operation.js';

/**
 * The computation DAG of one iteration of one pipeline: its instructions, and the instructions that
 * each waits for.
 *
 * A *stage* is a row of the pipeline: GPUs that run one instruction at a time. The *model stages*
 * are the parts into which the model is cut; each stage holds one of them, or several *chunks*.
 *
 * Index conventions, used by every typed array that is "per instruction":
 * - instructions are numbered stage by stage, in the stage's execution order: stage `s` owns
 *   `stageStart[s] ≤ i < stageStart[s + 1]`;
 * - `operation[i]` is the index in `operations` of the operation that instruction i runs;
 *   instructions of one operation share its options. Operations are ordered by stage, chunk and
 *   kind;
 * - arcs are CSR with n + 1 starts.
 */
export interface ComputationDag {
  readonly schedule: string;
  readonly stageCount: number;
  readonly microbatchCount: number;
  /** Number of model stages: as many as the pipeline has stages, or more if stages hold several. */
  readonly modelStageCount: number;
  readonly instructionCount: number;
  readonly operations: readonly Operation[];
  /** First instruction of each stage; length stageCount + 1. */
  readonly stageStart: Int32Array;
  /** Per instruction. */
  readonly stage: Int32Array;
  /** Per instruction: index into INSTRUCTION_KINDS. */
  readonly kind: Uint8Array;
  /** Per instruction. */
  readonly microbatch: Int32Array;
  /** Per instruction: index into `operations`. */
  readonly operation: Int32Array;
  /** Per instruction: the other stage that sends its input, or −1. */
  readonly inputStage: Int32Array;
  /** Per instruction: the other stage that receives its output, or −1. */
  readonly outputStage: Int32Array;
  /** CSR of the instructions that wait for instruction i. */
  readonly successorStart: Int32Array;
  readonly successor: Int32Array;
  /** CSR of the instructions that instruction i waits for. */
  readonly predecessorStart: Int32Array;
  readonly predecessor: Int32Array;
  /** The instructions in an order in which each comes after everything it waits for. */
  readonly topologicalOrder: Int32Array;
}
