import { percent, withoutRounding } from '../../src/units.js';

/**
 * Energy bloat: what a job uses beyond the least that the same iteration time needs
 * (Perseus, SOSP '24, section 2). All energies are of one iteration of the whole job.
 */
export interface BloatRemoved {
  /** Energy of max-frequency minus energy of the policy, percent of max-frequency. */
  readonly savingPct: number;
  /** The part of it that the policy's fastest plan removes, knowing of no straggler. */
  readonly intrinsicPct: number;
  /** What knowing the straggler's time removes on top. */
  readonly extrinsicPct: number;
}

/**
 * Splits a policy's saving.
 *
 * @param maxFrequencyJ every instruction at the highest clock.
 * @param unawareJ the policy's plan without knowledge of a straggler, in the same job.
 * @param awareJ the policy's plan for the straggler's time.
 */
export function bloatRemoved(
  maxFrequencyJ: number,
  unawareJ: number,
  awareJ: number,
): BloatRemoved {
  const pct = (savedJ: number) => withoutRounding(percent(savedJ, maxFrequencyJ));
  return {
    savingPct: pct(maxFrequencyJ - awareJ),
    intrinsicPct: pct(maxFrequencyJ - unawareJ),
    extrinsicPct: pct(unawareJ - awareJ),
  };
}
