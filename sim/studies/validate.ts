import { InputError } from '../../src/errors.js';
import type { MeasuredJob } from '../../src/profile/measured-runs.js';
import { extrapolationWarning } from '../hardware/measured-job.js';
import { fitRuns, predictionErrors, type PredictionErrors } from './fit-runs.js';

/** How well plans that were not fitted are predicted, for one job. */
export interface Validation extends PredictionErrors {
  readonly workloadId: string;
  /** How many plans were tried. */
  readonly plans: number;
  /** The job waits for its network, which the model does not know. */
  readonly networkBound: boolean;
  /** Clocks beyond those fitted, one sentence per plan. */
  readonly warnings: readonly string[];
}

/**
 * Fits each job on one set of executed plans and predicts the plans of another by simulation.
 *
 * @param workload only this job.
 * @throws InputError when no job is in both sets, or a job cannot be fitted.
 */
export function validateRuns(
  fitJobs: readonly MeasuredJob[],
  testJobs: readonly MeasuredJob[],
  workload?: string,
): Validation[] {
  const chosen = testJobs.filter(
    (job) =>
      (workload === undefined || job.workloadId === workload) &&
      job.plans.length > 0 &&
      fitJobs.some((other) => other.workloadId === job.workloadId),
  );
  if (chosen.length === 0) {
    const names = (jobs: readonly MeasuredJob[]) => jobs.map((job) => job.workloadId).join(', ');
    throw InputError.of({
      source: 'pipewatt validate',
      message: `no job${workload === undefined ? '' : ` "${workload}"`} is in both folders; to fit there are ${names(fitJobs)}; to test ${names(testJobs)}`,
    });
  }
  return chosen.map((job) => {
    const fitted = fitJobs.find((other) => other.workloadId === job.workloadId)!;
    const model = fitRuns(fitted, { name: job.workloadId, gpu: '-', source: '-' });
    const warnings = job.plans.flatMap(({ plan, clocksMHz }) => {
      const warning = extrapolationWarning(model, clocksMHz);
      return warning === undefined ? [] : [`${job.workloadId}, plan ${plan}: ${warning}`];
    });
    return {
      workloadId: job.workloadId,
      plans: job.plans.length,
      ...predictionErrors(model, job.plans),
      networkBound: model.networkBound,
      warnings,
    };
  });
}
