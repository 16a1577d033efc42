import { percent, withoutRounding } from '../../src/units.js';

/**
 * Energy bloat: the energy that a job uses beyond the least that its iteration time requires
 * (Perseus, SOSP '24, section 2). All energies are of one iteration of the whole job.
 */
export interface BloatRemoved {
  /** Energy of max-frequency minus energy of the policy, in percent of max-frequency. */
  readonly savingPct: number;
  /** The part removed by the policy's fastest plan, without knowledge of a straggler. */
  readonly intrinsicPct: number;
  /** The additional part removed by knowing the straggler's time. */
  readonly extrinsicPct: number;
}

/**
 * Splits a policy's saving.
 *
 * @param maxFrequencyJ with every instruction at the highest clock.
 * @param unawareJ with the policy's plan without knowledge of a straggler, in the same job.
 * @param awareJ with the policy's plan for the straggler's time.
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
