import { pathTimes, type Lags } from '../../pipeline/critical-path.js';
import type { ComputationDag } from '../../pipeline/dag.js';

/** Clocks of a pipeline, as what matters for its power. */
export interface PoweredTimes {
  /** Per instruction. */
  readonly timeS: Float64Array;
  /** Per instruction: above waiting. */
  readonly powerW: Float64Array;
}

/**
 * Variance, in W², of a pipeline's power over a period, one GPU of each stage added up: instructions
 * draw their mean power, as early as they can, and waiting draws the power that is not counted here.
 * Exact; O(instructions · log instructions).
 */
export function powerVariance(
  dag: ComputationDag,
  { timeS, powerW }: PoweredTimes,
  periodS: number,
  lagS?: Lags,
): number {
  const { earliestStart } = pathTimes(dag, timeS, lagS);
  const n = dag.instructionCount;
  /** Starts, then ends. */
  const atS = new Float64Array(2 * n);
  atS.set(earliestStart);
  for (let i = 0; i < n; i++) atS[n + i] = earliestStart[i]! + timeS[i]!;
  const order = Int32Array.from(atS, (_, k) => k).sort((a, b) => atS[a]! - atS[b]! || a - b);
  let [nowS, nowW, energyJ, squares] = [0, 0, 0, 0];
  for (const k of order) {
    const heldS = atS[k]! - nowS;
    energyJ += nowW * heldS;
    squares += nowW * nowW * heldS;
    nowS = atS[k]!;
    nowW += k < n ? powerW[k]! : -powerW[k - n]!;
  }
  return Math.max(0, squares / periodS - (energyJ / periodS) ** 2);
}
