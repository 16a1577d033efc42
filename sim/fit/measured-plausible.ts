import { isPlausible } from '../../src/plausible.js';
import { QUANTITIES } from '../../src/quantities.js';
import { ProblemList } from '../../src/problem-list.js';
import type { MeasuredJob, MeasuredPlan } from './measured-runs.js';

/**
 * The most that the busiest stage computes, relative to the iteration: different clocks time the
 * two.
 */
const MOST_OF_ITERATION = 1.5;
/** The least that it computes: no known cause makes an iteration wait longer. */
const LEAST_OF_ITERATION = 1 / 50;

/**
 * Checks measured iterations against measured instructions, and energies against times, to find
 * columns in the wrong unit. Reports the first plan of each job that does not fit. O(instructions).
 *
 * @throws InputError naming the jobs, the values found, and the likely unit.
 */
export function checkMeasuredJobs(jobs: readonly MeasuredJob[], folder: string): void {
  const problems = new ProblemList(folder);
  for (const job of jobs) {
    const gpus = job.stageCount * job.pipelineCount * job.gpusPerStage;
    const message =
      first(job, (plan) => timesProblem(job.stageCount, plan)) ??
      first(job, (plan) => powerProblem(gpus, plan));
    if (message !== undefined) problems.add(`${job.workloadId}, ${message}`);
  }
  problems.throwIfAny();
}

function first(
  { plans }: MeasuredJob,
  problemOf: (plan: MeasuredPlan) => string | undefined,
): string | undefined {
  for (const plan of plans) {
    const problem = problemOf(plan);
    if (problem !== undefined) return `plan ${plan.plan}: ${problem}`;
  }
  return undefined;
}

function timesProblem(
  stageCount: number,
  { instructions, iterationTimeS }: MeasuredPlan,
): string | undefined {
  if (instructions.length === 0) return undefined;
  const computingS = new Float64Array(stageCount);
  for (const { stage, count, timeS } of instructions) {
    if (stage < stageCount) computingS[stage]! += count * timeS;
  }
  const busiestS = computingS.reduce((a, b) => Math.max(a, b), 0);
  const found = `instructions of a stage take ${short(busiestS)} s of an iteration of ${short(iterationTimeS)} s`;
  if (busiestS > MOST_OF_ITERATION * iterationTimeS) {
    return `${found}, expected no more than it: are the times in instructions.csv in ms, or counts of several iterations?`;
  }
  return busiestS < LEAST_OF_ITERATION * iterationTimeS
    ? `${found}, expected a larger part: are the times in iterations.csv in ms?`
    : undefined;
}

/** Also for GPUs that wait for most of an iteration. */
const LEAST_MEAN_W = 8;

function powerProblem(
  gpus: number,
  { iterationEnergyJ, iterationTimeS }: MeasuredPlan,
): string | undefined {
  const powerW = iterationEnergyJ / iterationTimeS / gpus;
  const { most } = QUANTITIES.computingPowerW;
  if (isPlausible({ ...QUANTITIES.computingPowerW, least: LEAST_MEAN_W }, powerW)) return undefined;
  const advice = [
    { factor: 1e3, text: 'the times look like ms, or the energies like kJ' },
    { factor: 1e-3, text: 'the energies look like mJ' },
  ].find(({ factor }) =>
    isPlausible({ ...QUANTITIES.computingPowerW, least: LEAST_MEAN_W }, powerW * factor),
  );
  return `a GPU draws ${short(powerW)} W on average over an iteration, expected from ${LEAST_MEAN_W} to ${most} W${advice === undefined ? '' : `; ${advice.text}`}`;
}

function short(value: number): number {
  return Number(value.toPrecision(3));
}
