/**
 * Power over one period, as the mean of each of many short cells, and trial changes to it. Steps of
 * power are averaged over the cells in which they lie, so that nothing is lost but what changes
 * within a cell. A change costs as much as the cells that it touches.
 */
export class PowerGrid {
  private readonly cellW: Float64Array;
  private readonly trialW: Float64Array;
  /** Cells that the trial touches. */
  private trialFrom: number;
  private trialUntil = 0;
  private readonly cellsPerS: number;

  /**
   * @param periodS length of the period.
   * @param cells their number.
   */
  constructor(
    periodS: number,
    private readonly cells: number,
  ) {
    // One more than there are, for what ends after the period by the error of a sum.
    this.cellW = new Float64Array(cells + 1);
    this.trialW = new Float64Array(cells + 1);
    this.trialFrom = cells + 1;
    this.cellsPerS = cells / periodS;
  }

  clear(): void {
    this.cellW.fill(0);
    this.discard();
  }

  /** Adds power between two times to the trial; if the second is earlier, takes it away. */
  try(fromS: number, untilS: number, powerW: number): void {
    if (untilS < fromS) {
      this.try(untilS, fromS, -powerW);
      return;
    }
    const { trialW, cells } = this;
    const from = Math.min(cells, fromS * this.cellsPerS);
    const until = Math.min(cells, untilS * this.cellsPerS);
    const first = Math.floor(from);
    const last = Math.floor(until);
    if (first < this.trialFrom) this.trialFrom = first;
    if (last >= this.trialUntil) this.trialUntil = last + 1;
    if (first === last) {
      trialW[first]! += powerW * (until - from);
      return;
    }
    trialW[first]! += powerW * (first + 1 - from);
    for (let c = first + 1; c < last; c++) trialW[c]! += powerW;
    trialW[last]! += powerW * (until - last);
  }

  /** The change of the mean squared power that the trial would make. */
  trialSquare(): number {
    const { cellW, trialW, trialUntil } = this;
    let sum = 0;
    for (let c = this.trialFrom; c < trialUntil; c++) {
      const change = trialW[c]!;
      sum += change * (2 * cellW[c]! + change);
    }
    return sum / this.cells;
  }

  /** Makes the trial's changes. */
  accept(): void {
    const { cellW, trialW, trialUntil } = this;
    for (let c = this.trialFrom; c < trialUntil; c++) cellW[c]! += trialW[c]!;
    this.discard();
  }

  discard(): void {
    if (this.trialUntil > this.trialFrom) this.trialW.fill(0, this.trialFrom, this.trialUntil);
    this.trialFrom = this.cells + 1;
    this.trialUntil = 0;
  }

  meanSquare(): number {
    return this.cellW.reduce((sum, powerW) => sum + powerW * powerW, 0) / this.cells;
  }

  /** Mean power between two times; at the first if they are the same. */
  meanW(fromS: number, untilS: number): number {
    const { cellW, cells, cellsPerS } = this;
    const from = Math.min(cells, fromS * cellsPerS);
    const until = Math.min(cells, untilS * cellsPerS);
    if (!(until > from)) return cellW[Math.floor(from)]!;
    let sum = 0;
    for (let c = Math.floor(from); c < until; c++) {
      sum += cellW[c]! * (Math.min(until, c + 1) - Math.max(from, c));
    }
    return sum / (until - from);
  }
}
