import { byKind, type StageProfile } from '../../src/profile/stage-profile.js';
import { clockedCost } from './clock-power.js';
import { jobParts, type PredictedJob } from './predict.js';

/** Clocks below this fraction of the highest are never worth running at. */
const LOWEST_CLOCK = 0.5;
/** Approximate step between the clocks of all GPUs of the catalog. */
const CLOCK_STEP_MHZ = 15;

/** Clocks worth planning with, from the highest downwards. */
function planningClocks({ lowestMHz, highestMHz }: PredictedJob['machine']): number[] {
  const bottomMHz = Math.max(lowestMHz, LOWEST_CLOCK * highestMHz);
  const count = Math.floor((highestMHz - bottomMHz) / CLOCK_STEP_MHZ) + 1;
  return Array.from({ length: count }, (_, k) => highestMHz - k * CLOCK_STEP_MHZ);
}

/**
 * The stage profile of a job that was not profiled: time and energy of one GPU of each part of the
 * model for a forward and a backward of one microbatch, at each clock.
 */
export function operatorProfile(
  job: PredictedJob,
  clocksMHz: readonly number[] = planningClocks(job.machine),
): StageProfile {
  return {
    source: `operators of ${job.shape.name}`,
    origin: 'fitted',
    stages: jobParts(job).map((part) =>
      byKind((kind) =>
        clocksMHz.map((frequencyMHz) => ({
          frequencyMHz,
          ...clockedCost(part[kind], job.machine, frequencyMHz),
        })),
      ),
    ),
  };
}
