import type { CappedStage } from './capped-stage.js';

/** Changes after which sums are added up anew: differences drift. */
const FRESH = 4096;

/**
 * The power of all stages under each ceiling, kept up to date as stages change: what fits is found
 * without adding up every stage for every ceiling. Differences have rounding errors, so what is found
 * is checked. O(ceilings) per change.
 */
export class CeilingSums {
  private readonly sumsW: Float64Array;
  private changes = FRESH;

  constructor(
    private readonly stages: readonly CappedStage[],
    readonly ceilingCount: number,
  ) {
    this.sumsW = new Float64Array(ceilingCount);
  }

  /** Changes what a stage does. */
  change(stage: CappedStage, change: () => void): void {
    this.add(stage, -1);
    change();
    this.add(stage, 1);
    this.changes++;
  }

  /** Power of all stages under a ceiling, added up in order. */
  exactW(ceiling: number): number {
    let sumW = 0;
    for (const stage of this.stages) sumW += stage.drawnW(ceiling);
    return sumW;
  }

  /** The highest ceiling under which all stages fit below a cap; 0 if there is none. */
  highestBelow(capW: number): number {
    if (this.changes >= FRESH) this.addUp();
    let ceiling = this.ceilingCount - 1;
    // Sums that exceed the cap by no more than rounding are judged by the exact one.
    const mostW = capW * (1 + 1e-9);
    for (; ceiling > 0; ceiling--) {
      if (this.sumsW[ceiling]! <= mostW && this.exactW(ceiling) <= capW) break;
    }
    return ceiling;
  }

  private addUp(): void {
    this.sumsW.fill(0);
    for (const stage of this.stages) this.add(stage, 1);
    this.changes = 0;
  }

  private add(stage: CappedStage, sign: 1 | -1): void {
    for (let c = 0; c < this.sumsW.length; c++) this.sumsW[c]! += sign * stage.drawnW(c);
  }
}
