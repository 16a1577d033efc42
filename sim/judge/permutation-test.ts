import { randomStream, type RandomStream } from '../kernel/random-streams.js';

/** The most nonzero differences for which every sign pattern is tried. */
const MOST_ENUMERATED = 14;
const DRAWN_PATTERNS = 10_000;
const SIGNS_A_NUMBER = 32;

/**
 * Two-sided paired permutation test: if two planners were equivalent, each difference might as well
 * have had the other sign. The p-value is the fraction of sign patterns with a sum at least as far
 * from zero as the observed one (Fisher, 1935). It is exact for few differences; otherwise random
 * patterns are drawn, with the observed one counted among them to keep the level (Phipson and
 * Smyth, 2010).
 *
 * @returns 1 if all differences are zero. O(patterns · differences).
 */
export function pairedPermutationTest(differences: readonly number[], seed: number): number {
  const found = Float64Array.from(differences.filter((d) => d !== 0));
  if (found.length === 0) return 1;
  const observed = Math.abs(found.reduce((sum, d) => sum + d, 0));
  // Sums of the same numbers in another order differ in the last bits, even if most cancels.
  const least = observed - 1e-12 * found.reduce((sum, d) => sum + Math.abs(d), 0);
  if (found.length <= MOST_ENUMERATED) return enumerated(found, least);
  return drawn(found, least, randomStream(seed, 'permutation'));
}

/** Signs are taken from random bits, as many per number as its generator provides. */
function drawn(differences: Float64Array, least: number, uniform: RandomStream): number {
  let asFar = 1;
  for (let pattern = 0; pattern < DRAWN_PATTERNS; pattern++) {
    let sum = 0;
    let signs = 0;
    for (let k = 0; k < differences.length; k++) {
      if (k % SIGNS_A_NUMBER === 0) signs = uniform() * 2 ** SIGNS_A_NUMBER;
      sum += (signs & 1) === 1 ? differences[k]! : -differences[k]!;
      signs >>>= 1;
    }
    if (Math.abs(sum) >= least) asFar++;
  }
  return asFar / (DRAWN_PATTERNS + 1);
}

function enumerated(differences: Float64Array, least: number): number {
  const patterns = 2 ** differences.length;
  let asFar = 0;
  for (let pattern = 0; pattern < patterns; pattern++) {
    let sum = 0;
    for (let k = 0; k < differences.length; k++) {
      sum += ((pattern >> k) & 1) === 1 ? differences[k]! : -differences[k]!;
    }
    if (Math.abs(sum) >= least) asFar++;
  }
  return asFar / patterns;
}

/**
 * Holm's correction (1979): p-values of several tests, adjusted so that the chance of any of them
 * falling below the level by accident is at most that level. In the given order.
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, k) => k).sort((a, b) => pValues[a]! - pValues[b]!);
  const corrected = new Array<number>(pValues.length);
  let largest = 0;
  order.forEach((k, rank) => {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * pValues[k]!));
    corrected[k] = largest;
  });
  return corrected;
}
