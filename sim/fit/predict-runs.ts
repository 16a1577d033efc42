import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import type { MeasuredPlan } from './measured-runs.js';
import { bookEnergy } from '../energy/ledger.js';
import { measuredPhysics, type MeasuredJobModel } from '../hardware/measured-job.js';
import { simulateJob } from '../training/job.js';
import { planWorkload, type Workload } from '../training/workload.js';

/** The model's prediction of an executed plan: one iteration of the whole job. */
export interface Prediction {
  readonly timeS: number;
  readonly energyJ: number;
}

/**
 * Simulates an executed plan: the clocks that it ran with the model's times, powers and overheads.
 */
export function predictPlan(
  model: MeasuredJobModel,
  plan: Pick<MeasuredPlan, 'clocksMHz'>,
): Prediction {
  const dag = oneFOneB(model.stages.length, model.microbatches);
  const workload = executedWorkload(dag, model, plan);
  const pipelines = new Array<Workload>(model.pipelines).fill(workload);
  const job = { dag, timing: model.overheads, pipelines };
  const record = simulateJob(job);
  const ledger = bookEnergy(job, record, model);
  return { timeS: record.iterationTimeS, energyJ: ledger.totalJ };
}

/** The workload of a pipeline at the clocks of a plan. */
export function executedWorkload(
  dag: ComputationDag,
  model: Pick<MeasuredJobModel, 'stages'>,
  { clocksMHz }: Pick<MeasuredPlan, 'clocksMHz'>,
): Workload {
  const frequencyMHz = new Float64Array(dag.instructionCount);
  clocksMHz.forEach((clocks, stage) => {
    frequencyMHz.set(clocks, dag.stageStart[stage]);
  });
  return planWorkload(dag, measuredPhysics(model), { frequencyMHz });
}

/** Mean and worst absolute error of predictions, in percent of the measured values. */
export interface PredictionErrors {
  readonly timeMeanPct: number;
  readonly timeWorstPct: number;
  readonly energyMeanPct: number;
  readonly energyWorstPct: number;
  /**
   * Mean error of the energy if the iteration took as long as measured, which isolates the powers.
   */
  readonly energyAtMeasuredTimeMeanPct: number;
}

/** Errors of the model on plans, which it may or may not have been fitted to. */
export function predictionErrors(
  model: MeasuredJobModel,
  plans: readonly MeasuredPlan[],
): PredictionErrors {
  const { pipelines, gpusPerStage, stages, blockingPowerW } = model;
  const waitingW = pipelines * gpusPerStage * stages.length * blockingPowerW;
  const errors = plans.map((plan) => {
    const { timeS, energyJ } = predictPlan(model, plan);
    const { iterationTimeS, iterationEnergyJ } = plan;
    const energyInThatTimeJ = energyJ + waitingW * (iterationTimeS - timeS);
    return {
      time: 100 * Math.abs(timeS / iterationTimeS - 1),
      energy: 100 * Math.abs(energyJ / iterationEnergyJ - 1),
      energyInThatTime: 100 * Math.abs(energyInThatTimeJ / iterationEnergyJ - 1),
    };
  });
  const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
  const pct = (value: number) => Number(value.toFixed(3));
  const times = errors.map((error) => error.time);
  const energies = errors.map((error) => error.energy);
  return {
    timeMeanPct: pct(mean(times)),
    timeWorstPct: pct(Math.max(...times)),
    energyMeanPct: pct(mean(energies)),
    energyWorstPct: pct(Math.max(...energies)),
    energyAtMeasuredTimeMeanPct: pct(mean(errors.map((error) => error.energyInThatTime))),
  };
}
