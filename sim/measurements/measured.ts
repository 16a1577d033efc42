import type { InstructionKind } from '../../src/profile/operation.js';

/** A clock's own time: logs of one machine, of one process, or of one run share it. */
export type TimeBase =
  /** Seconds since 1970. */
  | 'epoch'
  /** A local clock read as if it were UTC: off by a whole number of quarter hours. */
  | 'local'
  /** Seconds since an unknown moment, which other files may not share. */
  | 'unknown';

/** One execution of an instruction on one GPU, or on all ranks of a stage that were measured as one. */
export interface InstructionSpan {
  /** As the file names it; GPUs of one stage differ in it. */
  readonly rank: string;
  readonly stage: number;
  readonly kind: InstructionKind | 'load';
  readonly timeS: number;
  /** The beginning, where the file tells it. */
  readonly startS?: number | undefined;
  /** Where the file tells it; otherwise it follows from power samples. */
  readonly energyJ?: number | undefined;
  /** Where the file tells it; otherwise it follows from clock samples, or the folder of the run. */
  readonly frequencyMHz?: number | undefined;
  /** Number of the iteration within its run, from 0, where the file tells it. */
  readonly iteration?: number | undefined;
}

/** The samples of one GPU, in order of time. */
export interface GpuSamples {
  /** As the file names it: an index, a UUID. */
  readonly gpu: string;
  readonly timeBase: TimeBase;
  readonly timeS: Float64Array;
  /** Power, W; NaN where the file has no value. */
  readonly powerW?: Float64Array;
  /** The GPU's own energy counter, J, from any origin. */
  readonly counterJ?: Float64Array;
  /** Clock of the multiprocessors, MHz. */
  readonly clockMHz?: Float64Array;
}

/** The content of one file, read. */
export interface MeasuredFile {
  /** Its name, for messages. */
  readonly source: string;
  readonly timeBase: TimeBase;
  readonly spans: readonly InstructionSpan[];
  readonly samples: readonly GpuSamples[];
  /** Sentences on what was left out, guessed or converted. */
  readonly notes: readonly string[];
}
