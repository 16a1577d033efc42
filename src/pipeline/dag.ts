/**
 * The computation DAG of one iteration of one pipeline: instructions and what each waits for.
 *
 * Index conventions, used by every typed array that is "per instruction":
 * - instructions are numbered stage by stage, in the stage's execution order: stage `s` owns
 *   `stageStart[s] ≤ i < stageStart[s + 1]`;
 * - `operation[i] = stage[i] · kinds + kind[i]` groups instructions that share options;
 * - arcs are CSR with n + 1 starts.
 */
export interface ComputationDag {
  readonly schedule: string;
  readonly stageCount: number;
  readonly microbatchCount: number;
  readonly instructionCount: number;
  readonly operationCount: number;
  /** First instruction of each stage; length stageCount + 1. */
  readonly stageStart: Int32Array;
  /** Per instruction. */
  readonly stage: Int32Array;
  /** Per instruction: index into INSTRUCTION_KINDS. */
  readonly kind: Uint8Array;
  /** Per instruction. */
  readonly microbatch: Int32Array;
  /** Per instruction: which table of options it uses. */
  readonly operation: Int32Array;
  /** CSR of the instructions that wait for instruction i. */
  readonly successorStart: Int32Array;
  readonly successor: Int32Array;
  /** CSR of the instructions that instruction i waits for. */
  readonly predecessorStart: Int32Array;
  readonly predecessor: Int32Array;
  /** Instructions so that each comes after everything it waits for. */
  readonly topologicalOrder: Int32Array;
}
