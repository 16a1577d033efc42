/** What a production job's operations took: one entry per operation, parallel arrays. */
export interface Trace {
  /** File it came from, for messages. */
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
  /** Place among the operations of its kind on its rank. */
  readonly sequence: Int32Array;
  /** Which of its stage's parts of the model it works on; −1 if that is not said. */
  readonly chunk: Int32Array;
  /** The model's stage that this part is; −1 if that is not said. */
  readonly modelStage: Int32Array;
}
