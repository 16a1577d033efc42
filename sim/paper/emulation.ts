import { envpipe } from '../../src/planner/envpipe.js';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { perseus } from '../../src/planner/perseus/perseus.js';
import type {
  FrequencyPlan,
  FrontierPoint,
  PlanningProblem,
  Plans,
} from '../../src/planner/planner.js';
import { planningProblem } from '../../src/planner/planning-problem.js';
import type { StageProfile } from '../../src/profile/stage-profile.js';
import { bookEnergy } from '../energy/ledger.js';
import { profilePhysics, type OperationPhysics } from '../hardware/operation-physics.js';
import { dataParallelJob } from '../training/data-parallel.js';
import { simulateJob } from '../training/job.js';
import { noOverheads } from '../training/timing.js';
import { baselineEnergy } from '../run/planned-job.js';

/**
 * The paper's emulation of strong scaling (SOSP '24, section 6.3): one pipeline is planned, and the
 * energies of a job with n such pipelines, one of them possibly a straggler, are added up. Energies
 * are of one pipeline.
 */
export interface EmulatedPipeline {
  readonly problem: PlanningProblem;
  readonly plans: Plans;
  /** Perseus' plan at T_min, planned and simulated. */
  readonly fastest: Twice;
  readonly envpipe: Twice;
  /** Power of the whole pipeline while it waits. */
  readonly waitingPowerW: number;
  simulate(plan: FrequencyPlan): FrontierPoint;
}

/** One plan: the cost model's prediction and the simulation at its clocks. */
export interface Twice {
  readonly planned: FrontierPoint;
  readonly simulated: FrontierPoint;
}

/** Plans one pipeline with Perseus and EnvPipe. */
export function emulatePipeline(
  profile: StageProfile,
  microbatches: number,
  settings: { readonly unitTimeS: number; readonly blockingPowerW: number },
): EmulatedPipeline {
  const dag = oneFOneB(profile.stages.length, microbatches);
  const problem = planningProblem(dag, profile, { ...settings, gpusPerStage: 1 });
  const plans = perseus.plan(problem);
  const physics = profilePhysics(profile, dag.operations);
  const simulate = (plan: FrequencyPlan) => simulatePipeline(problem, physics, plan);
  const twice = (plan: FrequencyPlan): Twice => ({
    planned: { timeS: plan.plannedTimeS, energyJ: plan.plannedEnergyJ },
    simulated: simulate(plan),
  });
  return {
    problem,
    plans,
    fastest: twice(plans.fastest),
    envpipe: twice(envpipe.plan(problem).fastest),
    waitingPowerW: dag.stageCount * settings.blockingPowerW,
    simulate,
  };
}

function simulatePipeline(
  { dag, blockingPowerW, gpusPerStage }: PlanningProblem,
  physics: readonly OperationPhysics[],
  plan: FrequencyPlan,
): FrontierPoint {
  const timing = noOverheads(dag.stageCount);
  const job = dataParallelJob({ dag, physics, timing, pipelineCount: 1, plan });
  const record = simulateJob(job);
  const { totalJ } = bookEnergy(job, record, { blockingPowerW, gpusPerStage });
  return { timeS: record.iterationTimeS, energyJ: totalJ };
}

/**
 * The artifact's stopping point under a straggler: not min(T', T*), but the point where the
 * pipeline's own energy, without waiting, is least. Going on to min(T', T*) saves a little more.
 */
export function artifactsChoice(plans: Plans, stragglerTimeS: number): FrequencyPlan {
  let best = plans.point(plans.pointCount - 1);
  for (let k = plans.pointCount - 2; k >= 0; k--) {
    const point = plans.point(k);
    if (point.timeS > stragglerTimeS) break;
    if (point.energyJ < best.energyJ) best = point;
  }
  return plans.forStraggler(best.timeS * (1 + 1e-12));
}

/** Energies of a job of n pipelines, one of them `slowdown` times slower than `fastestS`. */
export interface EmulatedJob {
  readonly slowdown: number;
  readonly pipelines: number;
  /** T of the fastest plan; the straggler takes slowdown · T. */
  readonly fastestS: number;
  readonly waitingPowerW: number;
}

/**
 * The job's energy: the straggler's own counts as `slowdown` times its plan's; the others wait from
 * the end of their plan to the end of the straggler's.
 *
 * @param waiting number of pipelines that wait: n − 1, but n + 1 in the published formula for
 *   EnvPipe.
 */
export function jobEnergy(
  { slowdown, pipelines, fastestS, waitingPowerW }: EmulatedJob,
  stragglersJ: number,
  healthy: FrontierPoint,
  waiting = pipelines - 1,
): number {
  const waitsS = slowdown * fastestS - healthy.timeS;
  return (
    stragglersJ * slowdown + healthy.energyJ * (pipelines - 1) + waitingPowerW * waitsS * waiting
  );
}

/** Every instruction at the highest clock, in an iteration of the given time. */
export function baselinePoint({ problem }: EmulatedPipeline, timeS: number): FrontierPoint {
  return { timeS, energyJ: baselineEnergy(problem, timeS) };
}
