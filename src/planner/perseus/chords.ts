import { lastPassing } from '../../last-passing.js';

/** Costs are rounded to this many bits, so that all ticks of a chord save exactly the same. */
const COST_BITS = 44;

/**
 * Replaces a convex cost curve by few of its chords: from the shortest duration on, the longest ones
 * that are nowhere more than a tolerance above it; the ends stay. The curve then has few distinct
 * marginal costs, and a walk along the frontier few phases. O(ticks + chords · log² ticks).
 *
 * @param costJ over whole ticks, convex and non-increasing.
 */
export function inChords(costJ: Float64Array, toleranceJ: number): Float64Array {
  const last = costJ.length - 1;
  const largestJ = Math.max(Math.abs(costJ[0]!), Math.abs(costJ[last]!));
  const unitJ = 2 ** (Math.ceil(Math.log2(largestJ)) - COST_BITS) || 1;
  const rounded = (energyJ: number) => unitJ * Math.round(energyJ / unitJ);
  const chords = new Float64Array(costJ.length);
  chords[0] = rounded(costJ[0]!);
  for (let from = 0; from < last;) {
    const until = lastPassing(from + 1, last, (k) => sagJ(costJ, from, k) <= toleranceJ);
    const savedJ = rounded((chords[from]! - costJ[until]!) / (until - from));
    for (let k = from + 1; k <= until; k++) chords[k] = chords[from]! - savedJ * (k - from);
    from = until;
  }
  return chords;
}

/** The most by which a chord is above the curve: where the curve becomes flatter than the chord. */
function sagJ(costJ: Float64Array, from: number, until: number): number {
  const slopeJ = (costJ[until]! - costJ[from]!) / (until - from);
  const at = lastPassing(from, until, (k) => costJ[k]! - costJ[k - 1]! < slopeJ);
  return costJ[from]! + slopeJ * (at - from) - costJ[at]!;
}
