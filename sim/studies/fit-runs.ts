import { InputError } from '../../src/errors.js';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import { nonIncreasing } from '../../src/profile/isotonic.js';
import type { MeasuredJob, MeasuredPlan } from '../../src/profile/measured-runs.js';
import { nonNegativeLeastSquares } from '../../src/profile/non-negative-least-squares.js';
import { byKind, type ProfiledKind } from '../../src/profile/stage-profile.js';
import { bookEnergy } from '../energy/ledger.js';
import {
  measuredPhysics,
  type ClockTable,
  type MeasuredJobModel,
} from '../hardware/measured-job.js';
import { simulateJob } from '../training/job.js';
import { runPipeline } from '../training/pipeline-run.js';
import { instructionTiming, type TimingOverheads } from '../training/timing.js';
import { planWorkload, type Workload } from '../training/workload.js';

/** What the tables do not say of a job. */
export interface FitMetadata {
  readonly name: string;
  readonly gpu: string;
  readonly source: string;
}

/** A mean time error beyond this means that the job waits for something the model does not know. */
const NETWORK_BOUND_PCT = 1.5;

/**
 * Fits a job's model to its executed plans, in three steps that each use the one before:
 * 1. time over clock, per stage and kind: mean of the measured instruction times at each clock,
 *    weighted by how many ran, made monotone;
 * 2. overheads: loading as measured; a transfer per link and the constant so that simulated
 *    iteration times come closest to measured ones (Gauss–Newton with non-negative steps);
 * 3. power over clock, per stage, and the blocking power, so that the energy of each rank comes
 *    closest (non-negative least squares; power never falls with the clock).
 *
 * All-max runs must be among the plans, or the ends of the curves are a guess.
 *
 * @throws InputError when the job has no plan, or no instruction times.
 */
export function fitRuns(job: MeasuredJob, metadata: FitMetadata): MeasuredJobModel {
  checkFittable(job);
  const dag = oneFOneB(job.stageCount, job.microbatchCount);
  const timeTables = fitTimeTables(job);
  const draft: MeasuredJobModel = {
    ...metadata,
    workloadId: job.workloadId,
    units: { clock: 'MHz', time: 's', power: 'W' },
    microbatches: job.microbatchCount,
    blockingPowerW: 1,
    overheads: { loadingS: [...job.loadingS], transferS: [], iterationConstantS: 0 },
    stages: timeTables.map((tables) => ({
      ...tables,
      power: { clocksMHz: [1], values: [1] },
    })),
    fit: {
      plans: job.plans.length,
      timeMeanPct: 0,
      timeWorstPct: 0,
      energyMeanPct: 0,
      energyWorstPct: 0,
    },
    networkBound: false,
  };
  const workloads = job.plans.map((plan) => workloadOf(dag, draft, plan));
  const overheads = roundedOverheads(fitOverheads(job, dag, workloads));
  const { blockingPowerW, power } = fitPower(job, dag, workloads, overheads);
  const model = {
    ...draft,
    blockingPowerW,
    overheads,
    stages: draft.stages.map((stage, s) => ({ ...stage, power: power[s]! })),
  };
  const errors = predictionErrors(model, job.plans);
  const fit = { plans: job.plans.length, ...errors };
  return { ...model, fit, networkBound: errors.timeMeanPct > NETWORK_BOUND_PCT };
}

function checkFittable({ workloadId, plans }: MeasuredJob): void {
  if (plans.length === 0) {
    throw InputError.of({
      source: workloadId,
      message: 'has no executed plan besides the cold one',
    });
  }
  if (plans.every((plan) => plan.instructions.length === 0)) {
    throw InputError.of({
      source: workloadId,
      message: 'has no instruction times: a fit needs instructions.csv beside plans.csv',
    });
  }
}

/** What the model says of an executed plan. */
export interface Prediction {
  readonly timeS: number;
  readonly energyJ: number;
}

/** Simulates an executed plan: the clocks it ran, the model's times, powers and overheads. */
export function predictPlan(
  model: MeasuredJobModel,
  plan: Pick<MeasuredPlan, 'clocksMHz'>,
): Prediction {
  const dag = oneFOneB(model.stages.length, model.microbatches);
  const job = { dag, timing: model.overheads, pipelines: [workloadOf(dag, model, plan)] };
  const record = simulateJob(job);
  const gpus = { blockingPowerW: model.blockingPowerW, gpusPerStage: 1 };
  return { timeS: record.iterationTimeS, energyJ: bookEnergy(job, record, gpus).totalJ };
}

/** Mean and worst absolute error of predictions, percent of the measured values. */
export interface PredictionErrors {
  readonly timeMeanPct: number;
  readonly timeWorstPct: number;
  readonly energyMeanPct: number;
  readonly energyWorstPct: number;
}

/** How far the model is from plans, which it may or may not have been fitted to. */
export function predictionErrors(
  model: MeasuredJobModel,
  plans: readonly MeasuredPlan[],
): PredictionErrors {
  const errors = plans.map((plan) => {
    const { timeS, energyJ } = predictPlan(model, plan);
    return {
      time: 100 * Math.abs(timeS / plan.iterationTimeS - 1),
      energy: 100 * Math.abs(energyJ / plan.iterationEnergyJ - 1),
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
  };
}

function workloadOf(
  dag: ComputationDag,
  model: MeasuredJobModel,
  { clocksMHz }: Pick<MeasuredPlan, 'clocksMHz'>,
): Workload {
  const frequencyMHz = new Float64Array(dag.instructionCount);
  clocksMHz.forEach((clocks, stage) => {
    frequencyMHz.set(clocks, dag.stageStart[stage]);
  });
  return planWorkload(dag, measuredPhysics(model), { frequencyMHz });
}

function fitTimeTables(job: MeasuredJob): Record<ProfiledKind, ClockTable>[] {
  return Array.from({ length: job.stageCount }, (_, stage) =>
    byKind((kind) => timeTable(job, stage, kind)),
  );
}

function timeTable(job: MeasuredJob, stage: number, kind: ProfiledKind): ClockTable {
  const sums = new Map<number, { weight: number; weighted: number }>();
  for (const { instructions } of job.plans) {
    for (const measured of instructions) {
      if (measured.stage !== stage || measured.kind !== kind) continue;
      const sum = sums.get(measured.frequencyMHz) ?? { weight: 0, weighted: 0 };
      sum.weight += measured.count;
      sum.weighted += measured.count * measured.timeS;
      sums.set(measured.frequencyMHz, sum);
    }
  }
  const rising = [...sums].sort(([a], [b]) => a - b);
  if (rising.length === 0) {
    throw InputError.of({
      source: job.workloadId,
      message: `stage ${stage} has no measured ${kind} instruction; instructions.csv needs one`,
    });
  }
  const means = rising.map(([, { weight, weighted }]) => ({ value: weighted / weight, weight }));
  return {
    clocksMHz: rising.map(([clock]) => clock),
    values: nonIncreasing(means).map((timeS) => Number(timeS.toPrecision(6))),
  };
}

const GAUSS_NEWTON_STEPS = 25;
/** Transfers of neighbouring links inside a node are pulled together this much. */
const LIKENESS = 0.7;
/** Where the descents start: the critical path changes with the transfers, so one is not enough. */
const FIRST_TRANSFERS_S = [0.003, 0.03, 0.1];
const FIRST_CONSTANT_S = 0.1;
const PROBE_S = 2e-4;

/**
 * Nodes hold four GPUs on the measured machines: the link behind each fourth stage joins two nodes
 * and may be as slow as it likes.
 */
const STAGES_PER_NODE = 4;

/** Transfers per link and the constant, by Gauss–Newton on relative iteration times. */
function fitOverheads(
  job: MeasuredJob,
  dag: ComputationDag,
  workloads: readonly Workload[],
): TimingOverheads {
  const linkCount = job.stageCount - 1;
  const measuredS = job.plans.map((plan) => plan.iterationTimeS);
  const overheadsOf = (unknowns: readonly number[]): TimingOverheads => ({
    loadingS: job.loadingS,
    transferS: unknowns.slice(0, linkCount),
    iterationConstantS: unknowns[linkCount]!,
  });
  const predict = (unknowns: readonly number[]) => {
    const overheads = overheadsOf(unknowns);
    const timing = instructionTiming(dag, overheads);
    return workloads.map(
      (workload) => runPipeline(dag, timing, workload).endS + overheads.iterationConstantS,
    );
  };
  const likeness = likenessRows(linkCount);
  const costOf = (unknowns: readonly number[], predicted: readonly number[]) =>
    predicted.reduce((sum, timeS, p) => sum + (timeS / measuredS[p]! - 1) ** 2, 0) +
    likeness.reduce((sum, row) => sum + dot(row, unknowns) ** 2, 0);

  const descend = (firstTransferS: number) => {
    let unknowns = [...new Array<number>(linkCount).fill(firstTransferS), FIRST_CONSTANT_S];
    let predicted = predict(unknowns);
    let cost = costOf(unknowns, predicted);
    for (let step = 0; step < GAUSS_NEWTON_STEPS; step++) {
      const target = gaussNewtonTarget(unknowns, predicted, measuredS, predict, likeness);
      const next = [1, 0.5, 0.25, 0.1, 0.03]
        .map((share) => unknowns.map((value, k) => value + share * (target[k]! - value)))
        .map((candidate) => ({ candidate, timesS: predict(candidate) }))
        .find(({ candidate, timesS }) => costOf(candidate, timesS) < cost * (1 - 1e-6));
      if (next === undefined) break;
      unknowns = next.candidate;
      predicted = next.timesS;
      cost = costOf(unknowns, predicted);
    }
    return { unknowns, cost };
  };
  const ends = FIRST_TRANSFERS_S.map(descend);
  return overheadsOf(ends.reduce((a, b) => (b.cost < a.cost ? b : a)).unknowns);
}

/** Rows that are zero when links of one kind have the same transfer time. */
function likenessRows(linkCount: number): number[][] {
  const inside = Array.from({ length: linkCount }, (_, link) => link).filter(
    (link) => (link + 1) % STAGES_PER_NODE !== 0,
  );
  return inside.slice(1).map((link, k) => {
    const row = new Array<number>(linkCount + 1).fill(0);
    row[link] = LIKENESS;
    row[inside[k]!] = -LIKENESS;
    return row;
  });
}

function gaussNewtonTarget(
  unknowns: readonly number[],
  predicted: readonly number[],
  measuredS: readonly number[],
  predict: (unknowns: readonly number[]) => number[],
  likeness: readonly (readonly number[])[],
): number[] {
  const slopes = unknowns.map((value, k) =>
    predict(unknowns.with(k, value + PROBE_S)).map((timeS, p) => (timeS - predicted[p]!) / PROBE_S),
  );
  const rows = measuredS.map((timeS, p) => slopes.map((slope) => slope[p]! / timeS));
  const right = rows.map(
    (row, p) => (measuredS[p]! - predicted[p]!) / measuredS[p]! + dot(row, unknowns),
  );
  return nonNegativeLeastSquares([...rows, ...likeness], [...right, ...likeness.map(() => 0)], 0);
}

function roundedOverheads({ loadingS, transferS, iterationConstantS }: TimingOverheads) {
  const rounded = (timeS: number) => Number(timeS.toFixed(6));
  return {
    loadingS: loadingS.map(rounded),
    transferS: transferS.map(rounded),
    iterationConstantS: rounded(iterationConstantS),
  };
}

/** Clocks at which a stage's power is a free number; straight lines between them. */
const POWER_KNOTS = 8;
/** Ridge weights: small enough to yield to data, large enough to decide where there is none. */
const SMOOTHNESS_PER_W = 0.003 / 50;
const STAGE_LIKENESS_PER_W = 0.01 / 100;
const BLOCKING_PRIOR_WEIGHT = 0.01;
/** The published blocking powers are about this; data move it freely. */
const BLOCKING_PRIOR_W = 77;

/**
 * Unknowns: for every stage its power at the lowest knot and the rises to the next ones, all ≥ 0;
 * then the blocking power. A row per measured energy, relative.
 */
function fitPower(
  job: MeasuredJob,
  dag: ComputationDag,
  workloads: readonly Workload[],
  overheads: TimingOverheads,
): { blockingPowerW: number; power: ClockTable[] } {
  const knots = powerKnots(job);
  const unknownCount = job.stageCount * POWER_KNOTS + 1;
  const timing = instructionTiming(dag, overheads);
  const rows: number[][] = [];
  const right: number[] = [];
  job.plans.forEach((plan, p) => {
    const iterationS = runPipeline(dag, timing, workloads[p]!).endS + overheads.iterationConstantS;
    const stageRows = plan.clocksMHz.map((clocks, stage) =>
      energyRow(
        clocks,
        workloads[p]!.durationS,
        dag.stageStart[stage]!,
        stage,
        iterationS,
        knots,
        unknownCount,
      ),
    );
    const measured = plan.stageEnergyJ ?? [plan.iterationEnergyJ];
    const perMeasurement = plan.stageEnergyJ === undefined ? [addRows(stageRows)] : stageRows;
    perMeasurement.forEach((row, k) => {
      rows.push(row.map((value) => value / measured[k]!));
      right.push(1);
    });
  });
  for (const row of powerRidge(job.stageCount, unknownCount)) {
    rows.push(row);
    right.push(0);
  }
  const prior = new Array<number>(unknownCount).fill(0);
  prior[unknownCount - 1] = BLOCKING_PRIOR_WEIGHT / BLOCKING_PRIOR_W;
  rows.push(prior);
  right.push(BLOCKING_PRIOR_WEIGHT);
  const solution = nonNegativeLeastSquares(rows, right, 0);
  return {
    blockingPowerW: Number(Math.max(solution[unknownCount - 1]!, 1e-3).toPrecision(6)),
    power: Array.from({ length: job.stageCount }, (_, stage) => {
      let watts = 0;
      const rises = solution.slice(stage * POWER_KNOTS, (stage + 1) * POWER_KNOTS);
      return {
        clocksMHz: knots,
        values: rises.map((rise) => Number((watts += rise).toPrecision(6))),
      };
    }),
  };
}

/** Evenly spaced over the clocks that were run. */
function powerKnots(job: MeasuredJob): number[] {
  let lowest = Infinity;
  let highest = 0;
  for (const clocks of job.plans.flatMap((plan) => plan.clocksMHz)) {
    for (const clock of clocks) {
      lowest = Math.min(lowest, clock);
      highest = Math.max(highest, clock);
    }
  }
  // One clock alone still needs an interval.
  const span = Math.max(highest - lowest, 1);
  return Array.from({ length: POWER_KNOTS }, (_, k) =>
    Number((lowest + (span * k) / (POWER_KNOTS - 1)).toFixed(3)),
  );
}

/** Seconds that each unknown power is drawn by one stage in one iteration. */
function energyRow(
  clocks: Float64Array,
  durationS: Float64Array,
  first: number,
  stage: number,
  iterationS: number,
  knots: readonly number[],
  unknownCount: number,
): number[] {
  const row = new Array<number>(unknownCount).fill(0);
  const base = stage * POWER_KNOTS;
  const step = knots[1]! - knots[0]!;
  let busyS = 0;
  clocks.forEach((clock, k) => {
    const timeS = durationS[first + k]!;
    const place = Math.min(Math.max((clock - knots[0]!) / step, 0), POWER_KNOTS - 1);
    const left = Math.min(Math.floor(place), POWER_KNOTS - 2);
    for (let j = 0; j <= left; j++) row[base + j]! += timeS;
    row[base + left + 1]! += timeS * (place - left);
    busyS += timeS;
  });
  row[unknownCount - 1] = iterationS - busyS;
  return row;
}

/** Rises like their neighbours, stages like theirs. */
function powerRidge(stageCount: number, unknownCount: number): number[][] {
  const rows: number[][] = [];
  const addRow = (plus: number, minus: number, weight: number) => {
    const row = new Array<number>(unknownCount).fill(0);
    row[plus] = weight;
    row[minus] = -weight;
    rows.push(row);
  };
  for (let stage = 0; stage < stageCount; stage++) {
    for (let k = 0; k < POWER_KNOTS; k++) {
      const unknown = stage * POWER_KNOTS + k;
      if (k >= 2) addRow(unknown, unknown - 1, SMOOTHNESS_PER_W);
      if (stage > 0) addRow(unknown, unknown - POWER_KNOTS, STAGE_LIKENESS_PER_W);
    }
  }
  return rows;
}

function addRows(rows: readonly (readonly number[])[]): number[] {
  return rows[0]!.map((_, k) => rows.reduce((sum, row) => sum + row[k]!, 0));
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, k) => sum + value * b[k]!, 0);
}
