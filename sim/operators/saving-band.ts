import { waitingPowerW } from './clock-power.js';
import { operatorProfile } from './operator-profile.js';
import type { PredictedJob } from './predict.js';
import { PlannedPipeline } from './straggler-saving.js';

/** A saving that was not measured, in percent of energy, with its likely range. */
export interface SavingBand {
  readonly predictedPct: number;
  readonly lowPct: number;
  readonly highPct: number;
}

/**
 * Points by which predicted profiles underestimate savings: mean, least and most over the measured
 * profiles of chips left out, widened by a point on both sides (`pipewatt predict
 * --leave-chip-out`).
 */
export const SAVINGS_LACK_PCT = { mean: 5.4, least: 0.7, most: 10.6 };

/**
 * Pipelines with more instructions, or with several parts of the model on a stage, take minutes to
 * plan.
 */
const MOST_INSTRUCTIONS = 2000;

/** Whether a job's savings can be computed within seconds. */
export function isQuicklyPlanned({ layout, chunks, microbatches }: PredictedJob): boolean {
  return chunks === 1 && 2 * layout.pipeline * microbatches <= MOST_INSTRUCTIONS;
}

/**
 * The saving of a pipeline that waits for another, from the profile of its operators, corrected by
 * the known error of such savings.
 */
export function stragglerSaving(job: PredictedJob, slowdown: number): SavingBand {
  const pipeline = new PlannedPipeline({
    profile: operatorProfile(job),
    microbatches: job.microbatches,
    blockingPowerW: waitingPowerW(job.machine, job.machine.highestMHz),
    chunks: job.chunks,
  });
  const savingPct = 100 * pipeline.savingWithStraggler(slowdown);
  return {
    predictedPct: savingPct + SAVINGS_LACK_PCT.mean,
    lowPct: savingPct + SAVINGS_LACK_PCT.least,
    highPct: savingPct + SAVINGS_LACK_PCT.most,
  };
}
