/** The times of a production job's operations: one entry per operation, parallel arrays. */
export interface Trace {
  /** The file it came from, for messages. */
  readonly source: string;
  readonly operationCount: number;
  readonly step: Float64Array;
  /** Data-parallel copy. */
  readonly pipeline: Int32Array;
  readonly stage: Int32Array;
  readonly rank: Int32Array;
  /** Index into `kinds`. */
  readonly kind: Int32Array;
  /** In alphabetical order. */
  readonly kinds: readonly string[];
  readonly startS: Float64Array;
  readonly durationS: Float64Array;
  /** Position among the operations of its kind on its rank. */
  readonly sequence: Int32Array;
  /** The part of its stage's model parts that it works on; −1 if not recorded. */
  readonly chunk: Int32Array;
  /** The model stage of this part; −1 if not recorded. */
  readonly modelStage: Int32Array;
}
