import { randomStream, type RandomStream } from '../kernel/random-streams.js';

/** Up to so many differences that are not zero, every sign pattern is tried. */
const MOST_ENUMERATED = 14;
const DRAWN_PATTERNS = 10_000;
const SIGNS_A_NUMBER = 32;

/**
 * Two-sided paired permutation test: if two planners were the same, each difference might as well
 * have had the other sign. The p-value is the part of sign patterns whose sum is at least as far
 * from zero as that observed (Fisher, 1935); exact for few differences, else by random patterns, of
 * which the observed one is counted as one so that the level is kept (Phipson and Smyth, 2010).
 *
 * @returns 1 when all differences are zero. O(patterns · differences).
 */
export function pairedPermutationTest(differences: readonly number[], seed: number): number {
  const found = Float64Array.from(differences.filter((d) => d !== 0));
  if (found.length === 0) return 1;
  const observed = Math.abs(found.reduce((sum, d) => sum + d, 0));
  // Sums of the same numbers in another order differ in the last bits, also where most cancels.
  const least = observed - 1e-12 * found.reduce((sum, d) => sum + Math.abs(d), 0);
  if (found.length <= MOST_ENUMERATED) return enumerated(found, least);
  return drawn(found, least, randomStream(seed, 'permutation'));
}

/** Signs come in random bits, as many to a number as its generator makes. */
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
 * Holm's correction (1979): p-values of several tests, such that the chance of any of them being
 * below the level by accident is at most that level. In the order given.
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
