import type { MeasuredJob, MeasuredPlan } from './measured-runs.js';
import { nonNegativeLeastSquares } from '../../src/profile/non-negative-least-squares.js';
import type { ClockTable } from '../hardware/measured-job.js';

/** Powers of a job's GPUs that are known from other sources. */
export interface KnownPowers {
  /** Of one waiting GPU; fitted if left out, although the energies determine it poorly. */
  readonly blockingPowerW?: number | undefined;
  /** The board's power limit; unbounded if left out. */
  readonly powerLimitW?: number | undefined;
}

/** Fitted powers of one GPU. */
export interface FittedPowers {
  readonly blockingPowerW: number;
  /**
   * While gradients are added up and the optimizer steps, for jobs of several pipelines. Energies
   * of iterations hardly distinguish it from computing: for GPT-3 6.7B on A40 anything from 40 to
   * 150 W fits within 0.002 points, so it stays near waiting power.
   */
  readonly synchronisationPowerW?: number;
  /** Computing, per stage. */
  readonly power: ClockTable[];
}

/** Clocks at which a stage's power is a free parameter, with straight lines between them. */
const POWER_KNOTS = 8;
/**
 * Ridge weights: small enough to yield to data, large enough to decide where there is none. With a
 * seventh or a quarter of these weights, unseen plans are predicted equally well (within 0.01
 * points), but clocks that no plan ran look so cheap that table 4 is off by 0.5 instead of 0.26
 * points.
 */
const SMOOTHNESS_PER_W = 0.02 / 50;
const STAGE_LIKENESS_PER_W = 0.04 / 100;
const PRIOR_WEIGHT = 0.01;
/** Strong enough that a few instructions at a clock do not determine its power. */
const LIMIT_PRIOR_WEIGHT = 0.1;
/** Starting point for unknown powers: the published ones of waiting GPUs. */
const PRIOR_W = 77;
/**
 * With one waiting power for all clocks, the energies of all-max runs require up to 342 W from GPUs
 * with a limit of 300 W; nothing requires more than this multiple of the limit.
 */
const OVER_LIMIT = 1.15;

/** Unknowns: per stage, the drop in power from each knot to the one below; then two more. */
interface Unknowns {
  readonly job: MeasuredJob;
  readonly knots: readonly number[];
  /** Upper bound of all powers: the highest knot's drop is counted from it. */
  readonly ceilingW: number;
  readonly constantS: number;
  readonly known: KnownPowers;
}

/**
 * Fits powers to the energy of each stage, in relative terms, by non-negative least squares: of
 * each stage over the clock, never falling and never above the board's limit; of waiting, unless it
 * is known; and of the time after the pipelines have met, if there are several. Measured times of
 * iterations and instructions are used, so that errors of the time model do not enter. Without
 * data, stages resemble their neighbours, slopes continue, and the highest clock draws the board's
 * limit.
 *
 * @param constantS the fitted time after the pipelines have met.
 */
export function fitPowers(job: MeasuredJob, constantS: number, known: KnownPowers): FittedPowers {
  const gpus = job.pipelineCount * job.gpusPerStage;
  const meanPowersW = job.plans.map((plan) => plan.iterationEnergyJ / plan.iterationTimeS / gpus);
  const { powerLimitW = 2 * Math.max(...meanPowersW) } = known;
  const ceilingW = powerLimitW * OVER_LIMIT;
  const unknowns = { job, knots: powerKnots(job), ceilingW, constantS, known };
  const rows: number[][] = [];
  const right: number[] = [];
  for (const plan of job.plans) {
    for (const { row, rightJ, measuredJ } of energyRows(unknowns, plan)) {
      rows.push(row.map((value) => value / measuredJ));
      right.push(rightJ / measuredJ);
    }
  }
  const count = job.stageCount * POWER_KNOTS;
  for (const row of ridgeRows(job.stageCount)) {
    rows.push(row);
    right.push(0);
  }
  const addPrior = (unknown: number, valueW: number, weightPerW: number) => {
    const prior = new Array<number>(count + 2).fill(0);
    prior[unknown] = weightPerW;
    rows.push(prior);
    right.push(weightPerW * valueW);
  };
  addPrior(count, PRIOR_W, PRIOR_WEIGHT / PRIOR_W);
  addPrior(count + 1, known.blockingPowerW ?? PRIOR_W, PRIOR_WEIGHT / PRIOR_W);
  if (known.powerLimitW !== undefined) {
    for (let highest = POWER_KNOTS - 1; highest < count; highest += POWER_KNOTS) {
      addPrior(highest, ceilingW - powerLimitW, LIMIT_PRIOR_WEIGHT / powerLimitW);
    }
  }
  const solution = nonNegativeLeastSquares(rows, right, 0);
  const watts = (value: number) => Number(Math.max(value, 1e-3).toPrecision(6));
  return {
    blockingPowerW: known.blockingPowerW ?? watts(solution[count]!),
    ...(job.pipelineCount > 1 ? { synchronisationPowerW: watts(solution[count + 1]!) } : {}),
    power: Array.from({ length: job.stageCount }, (_, stage) => {
      const falls = solution.slice(stage * POWER_KNOTS, (stage + 1) * POWER_KNOTS);
      const values = falls.map((_, k) =>
        watts(ceilingW - falls.slice(k).reduce((sum, fall) => sum + fall, 0)),
      );
      return { clocksMHz: [...unknowns.knots], values };
    }),
  };
}

/** Evenly spaced over the clocks that ran. */
function powerKnots(job: MeasuredJob): number[] {
  let lowest = Infinity;
  let highest = 0;
  for (const clocks of job.plans.flatMap((plan) => plan.clocksMHz)) {
    for (const clock of clocks) {
      lowest = Math.min(lowest, clock);
      highest = Math.max(highest, clock);
    }
  }
  // Even a single clock needs an interval.
  const span = Math.max(highest - lowest, 1);
  return Array.from({ length: POWER_KNOTS }, (_, k) =>
    Number((lowest + (span * k) / (POWER_KNOTS - 1)).toFixed(3)),
  );
}

/**
 * The contributions of the unknowns to a measured energy, and the remainder for them to explain.
 */
interface EnergyRow {
  readonly row: number[];
  readonly rightJ: number;
  readonly measuredJ: number;
}

/** One row per stage of a plan, or one for all stages if energies are the job's. */
function energyRows(unknowns: Unknowns, plan: MeasuredPlan): EnergyRow[] {
  const parts = plan.clocksMHz.map((_, stage) => stageRow(unknowns, plan, stage));
  const { stageEnergyJ } = plan;
  if (stageEnergyJ !== undefined) {
    return parts.map(({ row, knownJ }, stage) => {
      const measuredJ = stageEnergyJ[stage]!;
      return { row, rightJ: measuredJ - knownJ, measuredJ };
    });
  }
  const measuredJ = plan.iterationEnergyJ;
  const knownJ = parts.reduce((sum, part) => sum + part.knownJ, 0);
  const row = parts[0]!.row.map((_, k) => parts.reduce((sum, part) => sum + part.row[k]!, 0));
  return [{ row, rightJ: measuredJ - knownJ, measuredJ }];
}

/** Seconds for which all GPUs of one stage draw each unknown power in one iteration. */
function stageRow(
  { job, knots, ceilingW, constantS, known }: Unknowns,
  plan: MeasuredPlan,
  stage: number,
) {
  const gpus = job.pipelineCount * job.gpusPerStage;
  const count = job.stageCount * POWER_KNOTS;
  const row = new Array<number>(count + 2).fill(0);
  const base = stage * POWER_KNOTS;
  const step = knots[1]! - knots[0]!;
  let busyS = 0;
  for (const measured of plan.instructions) {
    if (measured.stage !== stage) continue;
    const timeS = measured.count * measured.meanTimeS;
    const place = Math.min(
      Math.max((measured.frequencyMHz - knots[0]!) / step, 0),
      POWER_KNOTS - 1,
    );
    const left = Math.min(Math.floor(place), POWER_KNOTS - 2);
    row[base + left]! -= gpus * timeS * (1 - (place - left));
    for (let k = left + 1; k < POWER_KNOTS; k++) row[base + k]! -= gpus * timeS;
    busyS += timeS;
  }
  let knownJ = gpus * ceilingW * busyS;
  let waitingS = plan.iterationTimeS - busyS;
  if (job.pipelineCount > 1) {
    row[count + 1] = gpus * constantS;
    waitingS -= constantS;
  }
  if (known.blockingPowerW === undefined) row[count] = gpus * waitingS;
  else knownJ += gpus * known.blockingPowerW * waitingS;
  return { row, knownJ };
}

/** Drops resemble those of neighbouring knots, stages their neighbours. */
function ridgeRows(stageCount: number): number[][] {
  const rows: number[][] = [];
  const addRow = (plus: number, minus: number, weight: number) => {
    const row = new Array<number>(stageCount * POWER_KNOTS + 2).fill(0);
    row[plus] = weight;
    row[minus] = -weight;
    rows.push(row);
  };
  for (let stage = 0; stage < stageCount; stage++) {
    for (let k = 0; k < POWER_KNOTS; k++) {
      const unknown = stage * POWER_KNOTS + k;
      // The highest knot's drop is counted from the ceiling, which is not a neighbour.
      if (k >= 1 && k < POWER_KNOTS - 1) addRow(unknown, unknown - 1, SMOOTHNESS_PER_W);
      if (stage > 0) addRow(unknown, unknown - POWER_KNOTS, STAGE_LIKENESS_PER_W);
    }
  }
  return rows;
}
