import type { StageProfile } from '../../src/profile/stage-profile.js';
import type { SynthModel } from '../hardware/synth-model.js';
import { LEFT_OUT_ERRORS, type ProfileErrors } from '../operators/known-errors.js';
import type { OperatorRates } from '../operators/operator-rates.js';

/** The known errors of a profile that was not measured. */
export type Estimate = OperatorEstimate | EfficiencyEstimate;

/** Of profiles that the operators of a model on a GPU make. */
export interface OperatorEstimate {
  readonly law: 'operators';
  /** Of profiles made with nothing of their chip. */
  readonly leaveChipOut: ProfileErrors;
  /**
   * The basis of the GPU's rates; null where a file does not say which GPU it is of; `one clock` where
   * the times at one clock were measured.
   */
  readonly basis: OperatorRates['basis'] | 'one clock' | null;
}

/** Of profiles that one efficiency for all of a GPU's work makes. */
export interface EfficiencyEstimate extends Pick<SynthModel, 'leaveOneOut' | 'leaveChipOut'> {
  readonly law: 'efficiency';
  /** Numbers of the GPU that are not published. */
  readonly extrapolated: readonly string[];
  /** Part of the GPU's peak that matrix products were taken to reach. */
  readonly efficiency: number;
}

/** The estimate of a profile by operators. */
export function operatorEstimate(basis: OperatorEstimate['basis']): OperatorEstimate {
  return { law: 'operators', leaveChipOut: LEFT_OUT_ERRORS, basis };
}

/** The estimate of a profile by one efficiency. */
export function efficiencyEstimate(
  { leaveOneOut, leaveChipOut }: SynthModel,
  efficiency: number,
  extrapolated: readonly string[] = [],
): EfficiencyEstimate {
  return { law: 'efficiency', leaveOneOut, leaveChipOut, extrapolated, efficiency };
}

/** The same profile with the likely error of its times: its default tick need not be finer. */
export function withLikelyError(
  profile: StageProfile,
  estimate: Estimate | undefined,
): StageProfile {
  if (estimate === undefined) return profile;
  const { time, slowdown } = errorsOf(estimate);
  // Where times at the highest clock were measured, only those at others are modelled.
  const isTimed = estimate.law === 'operators' && estimate.basis === 'one clock';
  return { ...profile, timeErrorPct: (isTimed ? slowdown : time).meanPct };
}

/** Errors of profiles that were made in the same way. */
export function errorsOf(estimate: Estimate): ProfileErrors {
  return estimate.law === 'operators' ? estimate.leaveChipOut : estimate.leaveOneOut;
}
