/** Makes an array of times whose values are all written before they are read. */
export type TimeArrays = (length: number) => Float64Array;

/** Makes new arrays. */
export const newTimeArrays: TimeArrays = (length) => new Float64Array(length);

/**
 * Arrays of one iteration that the next one overwrites, for records that are not kept: allocating takes
 * as long as simulating.
 */
export class ReusedTimeArrays {
  private readonly arrays: Float64Array[] = [];
  private used = 0;

  /** An array that was not taken since `startAgain`. */
  readonly take: TimeArrays = (length) => {
    const k = this.used++;
    const known = this.arrays[k];
    if (known?.length === length) return known;
    return (this.arrays[k] = new Float64Array(length));
  };

  /** Makes all arrays available: their content is no longer needed. */
  startAgain(): void {
    this.used = 0;
  }
}
