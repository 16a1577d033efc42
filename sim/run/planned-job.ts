import { pathTimes } from '../../src/pipeline/critical-path.js';
import type { FrequencyPlan, FrontierPoint, PlanningProblem } from '../../src/planner/planner.js';
import { pipelineWaitingW } from '../../src/planner/planning-problem.js';
import { highestClock } from '../../src/profile/operation-costs.js';
import { percentMore, secondsFromTicks } from '../../src/units.js';
import type { PlainJob } from '../scenario/plain-stragglers.js';

/** One iteration of the whole job as the cost model promises it. */
export interface PlannedJob {
  readonly timeS: number;
  readonly energyJ: number;
}

/** A plan's promise beside that of max-frequency. */
export interface PlannedResult extends PlannedJob {
  /**
   * Planned energy below that of max-frequency, each over its own planned time: the same rule as
   * for the simulated saving.
   */
  readonly savingPct: number;
}

/** The inputs of `plannedJob` from a scenario. */
export interface PlannedSetting {
  readonly job: PlainJob;
  readonly problem: PlanningProblem;
  /** Time and energy of a pipeline after all pipelines have met; zero if left out. */
  readonly afterMeeting?: FrontierPoint | undefined;
}

/**
 * The time of a pipeline whose instructions, but not overheads, take `slowdown` times as long as
 * planned.
 */
export function stragglerTime(
  problem: PlanningProblem,
  plan: FrequencyPlan,
  slowdown: number,
): number {
  const { dag, lags, unitTimeS } = problem;
  if (lags === undefined) return slowdown * plan.plannedTimeS;
  const slowed = Float64Array.from(plan.durationTicks, (ticks) => slowdown * ticks);
  return secondsFromTicks(pathTimes(dag, slowed, lags.ticks).length, unitTimeS);
}

/**
 * Adds up plans to a job as the paper does (SOSP '24, section 6.3): a straggler's own energy is
 * that of its plan times its slowdown (for a stall: plus blocking for the extra time), healthy
 * pipelines run their plan and then block until the straggler is done.
 *
 * @param fastest plan of all pipelines without a straggler.
 * @param healthy plan of healthy pipelines.
 * @param ofStragglers plans of stragglers, by pipeline; default: the fastest.
 */
export function plannedJob(
  setting: PlannedSetting,
  fastest: FrequencyPlan,
  healthy: FrequencyPlan,
  ofStragglers: ReadonlyMap<number, FrequencyPlan> = new Map(),
): PlannedJob {
  const { problem, job } = setting;
  const withPlans = (planOf: (pipeline: number) => FrequencyPlan) =>
    job.stragglers.map((straggler) => {
      const plan = planOf(straggler.pipeline);
      return { straggler, plan, timeS: stragglerTime(problem, plan, straggler.slowdown) };
    });
  const slow = withPlans((pipeline) => ofStragglers.get(pipeline) ?? fastest);
  const meetS = Math.max(healthy.plannedTimeS, ...slow.map(({ timeS }) => timeS));
  const energyJ = jobEnergy(setting, meetS, slow, healthy);
  return { timeS: meetS + (setting.afterMeeting?.timeS ?? 0), energyJ };
}

/** A plan's promise with its saving against max-frequency's. */
export function besideBase(planned: PlannedJob, base: PlannedJob): PlannedResult {
  return { ...planned, savingPct: 0 - percentMore(planned.energyJ, base.energyJ) };
}

type PlannedPipeline = Pick<FrequencyPlan, 'plannedTimeS' | 'plannedEnergyJ'>;

interface PlannedStraggler {
  readonly straggler: PlainJob['stragglers'][number];
  readonly plan: PlannedPipeline;
  /** Its time with its plan, slowdown included. */
  readonly timeS: number;
}

function jobEnergy(
  { problem, job, afterMeeting }: PlannedSetting,
  meetS: number,
  stragglers: readonly PlannedStraggler[],
  healthy: PlannedPipeline,
): number {
  const waitingW = pipelineWaitingW(problem);
  const healthyCount = job.pipelines - job.stragglers.length;
  const healthyJ = healthy.plannedEnergyJ + waitingW * (meetS - healthy.plannedTimeS);
  const stragglersJ = stragglers.map(({ straggler, plan, timeS }) => {
    const ownJ =
      straggler.cause === 'busy'
        ? straggler.slowdown * plan.plannedEnergyJ
        : plan.plannedEnergyJ + waitingW * (timeS - plan.plannedTimeS);
    return ownJ + waitingW * (meetS - timeS);
  });
  const constantJ = job.pipelines * (afterMeeting?.energyJ ?? 0);
  return stragglersJ.reduce((sum, energyJ) => sum + energyJ, healthyCount * healthyJ + constantJ);
}

/**
 * Energy of one pipeline with every instruction at the highest clock, at a given iteration time:
 * Σ over stages of [instructions' energies + P_blocking · (T − the stage's busy time)], times the
 * tensor-parallel degree. Times are the measured ones, not rounded to ticks.
 */
export function baselineEnergy(
  { dag, operations, blockingPowerW, gpusPerStage }: PlanningProblem,
  timeS: number,
): number {
  const highest = operations.map(highestClock);
  let energyJ = dag.stageCount * blockingPowerW * timeS;
  for (const op of dag.operation) {
    energyJ += highest[op]!.energyJ - blockingPowerW * highest[op]!.timeS;
  }
  return gpusPerStage * energyJ;
}
