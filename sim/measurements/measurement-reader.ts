import type { MeasuredFile } from './measured.js';

/** A format of measurements: how its files look, and what they say. */
export interface MeasurementReader {
  /** As in a list of what can be read: `a CSV of nvidia-smi`. */
  readonly name: string;
  /** Whether a file has this format, judged by its beginning and its name. */
  recognises(text: string, source: string): boolean;
  /**
   * Reads a file of this format.
   * @throws InputError with every problem of the file.
   */
  read(text: string, source: string): MeasuredFile;
}
