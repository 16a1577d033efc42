import { InputError, type Problem } from '../../src/errors.js';
import type { MeasuredJob } from './measured-runs.js';
import { extrapolationWarning } from '../hardware/measured-job.js';
import { fitRuns, type FitMetadata } from './fit-runs.js';
import { predictionErrors, type PredictionErrors } from './predict-runs.js';

/** Prediction errors on plans that were not fitted, for one job. */
export interface Validation extends PredictionErrors {
  readonly workloadId: string;
  /** Number of plans tested. */
  readonly plans: number;
  /** The job waits for its network, which is not in the model. */
  readonly networkBound: boolean;
  /** Clocks outside the fitted range, one sentence per plan. */
  readonly warnings: readonly string[];
}

/** A job that cannot be validated, and why. */
export interface SkippedJob {
  readonly workloadId: string;
  readonly reason: string;
}

/** The folders of jobs to fit and to test, as named in messages. */
export interface ValidationSets {
  readonly fit: readonly MeasuredJob[];
  readonly test: readonly MeasuredJob[];
  /** Facts about a job besides its runs. */
  readonly metadataOf?: (job: MeasuredJob) => FitMetadata;
}

/**
 * Fits each job on one set of executed plans and predicts the plans of another by simulation. Jobs
 * that are in one set only are skipped.
 *
 * @param workload only this job.
 * @throws InputError if the requested job is not in both sets, or no job is, or one cannot be
 *   fitted.
 */
export function validateRuns(
  sets: ValidationSets,
  workload?: string,
): { readonly results: Validation[]; readonly skipped: SkippedJob[] } {
  const { fit, test, metadataOf = ofNoGpu } = sets;
  const names = [...new Set([...fit, ...test].map((job) => job.workloadId))];
  const wanted = names.filter((name) => workload === undefined || name === workload);
  const skipped = wanted.flatMap((workloadId): SkippedJob[] => {
    const reason = whyNot(workloadId, sets);
    return reason === undefined ? [] : [{ workloadId, reason }];
  });
  const isSkipped = (name: string) => skipped.some(({ workloadId }) => workloadId === name);
  const chosen = wanted.filter((name) => !isSkipped(name));
  if (chosen.length === 0) throw new InputError(noneProblems(names, skipped, workload));
  const results = chosen.map((workloadId) => {
    const fitted = jobOf(fit, workloadId)!;
    const tested = jobOf(test, workloadId)!;
    const model = fitRuns(fitted, metadataOf(fitted));
    const warnings = tested.plans.flatMap(({ plan, clocksMHz }) => {
      const warning = extrapolationWarning(model, clocksMHz);
      return warning === undefined ? [] : [`${workloadId}, plan ${plan}: ${warning}`];
    });
    return {
      workloadId,
      plans: tested.plans.length,
      ...predictionErrors(model, tested.plans),
      networkBound: model.networkBound,
      warnings,
    };
  });
  return { results, skipped };
}

function ofNoGpu({ workloadId }: MeasuredJob): FitMetadata {
  return { name: workloadId, gpu: '-', source: '-' };
}

function jobOf(jobs: readonly MeasuredJob[], workloadId: string): MeasuredJob | undefined {
  return jobs.find((job) => job.workloadId === workloadId);
}

/** The reason why a job cannot be validated; undefined if it can. */
function whyNot(workloadId: string, sets: ValidationSets): string | undefined {
  const [fitted, tested] = [jobOf(sets.fit, workloadId), jobOf(sets.test, workloadId)];
  if (fitted === undefined) return 'is only in the folder to test, not in the folder to fit';
  if (tested === undefined) return 'is only in the folder to fit, not in the folder to test';
  if (fitted.plans.length === 0) return 'has no measured plan in the folder to fit';
  if (tested.plans.length === 0) return 'has no measured plan in the folder to test';
  const shape = ({ stageCount, microbatchCount, pipelineCount, gpusPerStage }: MeasuredJob) =>
    `${stageCount} stages × ${microbatchCount} microbatches, dp${pipelineCount}, tp${gpusPerStage}`;
  if (shape(fitted) === shape(tested)) return undefined;
  return `has ${shape(fitted)} in the folder to fit, but ${shape(tested)} in the folder to test`;
}

function noneProblems(
  names: readonly string[],
  skipped: readonly SkippedJob[],
  workload: string | undefined,
): Problem[] {
  if (skipped.length === 0) {
    const source = 'pipewatt validate';
    const message = `found "${workload ?? ''}", expected one of ${names.join(', ')}`;
    return [
      workload === undefined
        ? { source, message: 'found no job in either folder' }
        : { source, field: '--workload', message },
    ];
  }
  return skipped.map(({ workloadId, reason }) => ({
    source: 'pipewatt validate',
    message: `${workloadId} ${reason}`,
  }));
}
