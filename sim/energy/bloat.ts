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

/** Energy of the plans with and without knowledge of a straggler, in one and the same job. */
export interface StragglerEnergies {
  /** The fastest plan: the policy knows of no straggler. */
  readonly unawareJ: number;
  /** The plan for the straggler's time; equal to `unawareJ` where there is no straggler. */
  readonly awareJ: number;
}

/** The energy of a job at highest clocks, by what could be had of it and what a policy got. */
export interface BloatView {
  /** What the oracle uses: no plan can do with less. */
  readonly oracleJ: number;
  /** Wasted by computing faster than the critical path needs. */
  readonly intrinsicJ: number;
  /** Wasted by computing faster than the straggler allows to be of use. */
  readonly extrinsicJ: number;
  /** What the policy removed of each. */
  readonly removedIntrinsicJ: number;
  readonly removedExtrinsicJ: number;
  /** What the policy left: its energy above the oracle's. */
  readonly leftJ: number;
}

/**
 * Splits the energy of max-frequency: `oracleJ + intrinsicJ + extrinsicJ` is all of it, and
 * `removedIntrinsicJ + removedExtrinsicJ + leftJ` is all the bloat.
 *
 * @param oracle the least that the same job needs, at T_min and at the straggler's time.
 */
export function bloatView(
  maxFrequencyJ: number,
  oracle: StragglerEnergies,
  policy: StragglerEnergies,
): BloatView {
  return {
    oracleJ: oracle.awareJ,
    intrinsicJ: maxFrequencyJ - oracle.unawareJ,
    extrinsicJ: oracle.unawareJ - oracle.awareJ,
    removedIntrinsicJ: maxFrequencyJ - policy.unawareJ,
    removedExtrinsicJ: policy.unawareJ - policy.awareJ,
    leftJ: policy.awareJ - oracle.awareJ,
  };
}
