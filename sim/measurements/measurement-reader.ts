import type { MeasuredFile } from './measured.js';

/** A file as read from disk, decoded and unpacked. */
export interface MeasurementText {
  /** Its path, for messages; it may name the rank or the stage (`stage1/rank0.csv`). */
  readonly source: string;
  readonly text: string;
}

/** Facts about the job that its files may leave open. */
export interface ReadingHints {
  /** Microbatches in an iteration of one pipeline: divides times that a log adds up over them. */
  readonly microbatches?: number | undefined;
  /** Stages of a pipeline: tells the stage of a rank. */
  readonly stages?: number | undefined;
  /** GPUs of the job. */
  readonly gpus?: number | undefined;
}

/** A format of measurements: how its files look, and what they say. */
export interface MeasurementReader {
  /** As in a list of what can be read: `a CSV of nvidia-smi`. */
  readonly name: string;
  /** Words of such files, in lower case: an unknown file is compared with them. */
  readonly words?: readonly string[];
  /** Whether a file has this format, judged by its beginning and its name. */
  recognises(text: string, source: string): boolean;
  /**
   * Reads a file of this format.
   * @throws InputError with every problem of the file.
   */
  read(text: string, source: string, hints?: ReadingHints): MeasuredFile;
  /**
   * Reads the files of a folder that make sense only together; `read` then says so.
   * @throws InputError with every problem of the files.
   */
  readTogether?(files: readonly MeasurementText[], hints?: ReadingHints): MeasuredFile;
}
