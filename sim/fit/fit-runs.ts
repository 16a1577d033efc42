import { InputError } from '../../src/errors.js';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import type { MeasuredJob } from './measured-runs.js';
import type { MeasuredJobModel } from '../hardware/measured-job.js';
import { fitPowers, type KnownPowers } from './fit-power.js';
import { fitOverheads, fitTimeTables } from './fit-times.js';
import { executedWorkload, predictionErrors } from './predict-runs.js';

/** Facts about a job that are not in the tables. */
export interface FitMetadata extends KnownPowers {
  readonly name: string;
  readonly gpu: string;
  readonly source: string;
}

/**
 * A mean time error beyond this means that the job waits for something that is not in the model.
 */
const NETWORK_BOUND_PCT = 1.5;

/**
 * Fits a job's model to its executed plans, in three steps, each using the one before:
 * 1. time over clock, per stage and kind: medians of the measured instruction times at each clock,
 *    weighted by how many ran, made monotone;
 * 2. overheads: loading as measured; a transfer time per kind of link and the constant, fitted
 *    to bring simulated iteration times closest to measured ones;
 * 3. power over clock, per stage, fitted to the energy of each stage.
 *
 * All-max runs should be among the plans; otherwise the ends of the curves are guesses. The
 * constant of a job of several pipelines is its gradient reduction and optimizer step, at a power
 * of its own; that of a single pipeline is short, and at blocking power.
 *
 * @throws InputError if the job has no plan, or no instruction times.
 */
export function fitRuns(job: MeasuredJob, metadata: FitMetadata): MeasuredJobModel {
  checkFittable(job);
  const { name, gpu, source, ...known } = metadata;
  const { workloadId, microbatchCount: microbatches, pipelineCount: pipelines, gpusPerStage } = job;
  const dag = oneFOneB(job.stageCount, microbatches);
  const timeTables = fitTimeTables(job, dag);
  const draft = timeTables.map((tables) => ({
    ...tables,
    power: { clocksMHz: [1], values: [1] },
  }));
  const workloads = job.plans.map((plan) => executedWorkload(dag, { stages: draft }, plan));
  const { constantS, ...overheads } = fitOverheads(job, dag, workloads);
  const { power, ...powers } = fitPowers(job, constantS, known);
  const model = {
    name,
    gpu,
    source,
    workloadId,
    units: { clock: 'MHz', time: 's', power: 'W' } as const,
    microbatches,
    pipelines,
    gpusPerStage,
    ...powers,
    overheads:
      pipelines > 1
        ? { ...overheads, iterationConstantS: 0, synchronisationS: constantS }
        : { ...overheads, iterationConstantS: constantS },
    stages: timeTables.map((tables, s) => ({ ...tables, power: power[s]! })),
  };
  const errors = predictionErrors({ ...model, fit: NO_ERRORS, networkBound: false }, job.plans);
  const fit = { plans: job.plans.length, ...errors };
  return { ...model, fit, networkBound: errors.timeMeanPct > NETWORK_BOUND_PCT };
}

/** A placeholder until the errors are known. */
const NO_ERRORS = {
  plans: 1,
  timeMeanPct: 0,
  timeWorstPct: 0,
  energyMeanPct: 0,
  energyWorstPct: 0,
  energyAtMeasuredTimeMeanPct: 0,
};

function checkFittable({ workloadId, plans }: MeasuredJob): void {
  if (plans.length === 0) {
    throw InputError.of({
      source: workloadId,
      message: 'has no executed plan besides the cold one',
    });
  }
  const untimed = plans.filter((plan) => plan.instructions.length === 0);
  if (untimed.length > 0) {
    throw InputError.of({
      source: workloadId,
      message: `has no instruction times of ${untimed.length === plans.length ? 'any plan' : `plan ${untimed.map(({ plan }) => plan).join(', ')}`}: a fit needs instructions.csv beside plans.csv`,
    });
  }
}
