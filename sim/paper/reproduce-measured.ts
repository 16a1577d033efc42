import { envpipe } from '../../src/planner/envpipe.js';
import { maxFrequency } from '../../src/planner/max-frequency.js';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { perseus } from '../../src/planner/perseus/perseus.js';
import type {
  FrequencyPlan,
  FrontierPoint,
  PlanningProblem,
  Plans,
} from '../../src/planner/planner.js';
import { planningProblem } from '../../src/planner/planning-problem.js';
import { zeusGlobal } from '../../src/planner/zeus-global.js';
import { zeusPerStage } from '../../src/planner/zeus-per-stage.js';
import type { MeasuredJob } from '../fit/measured-runs.js';
import { measuredProfile, type MeasuredJobModel } from '../hardware/measured-job.js';
import { afterMeetingS, overheadLags } from '../training/timing.js';
import { predictPlan } from '../fit/predict-runs.js';
import { baselineEnergy } from '../run/planned-job.js';
import type { PublishedFigure } from './published.js';
import { LATER, type ReproducedFigure, type Reproduction } from './reproduced.js';

/**
 * The planner's tick for measured jobs: a 300th of their shortest instruction, which is still fast.
 * At five times this length, rounding alone puts plans of A40 Bloom 3B behind executed ones.
 */
const UNIT_TIME_S = 1e-4;

/** A measured job with its plans. */
export interface PlannedMeasuredJob {
  readonly model: MeasuredJobModel;
  readonly problem: PlanningProblem;
  readonly plans: Plans;
  simulate(plan: FrequencyPlan): FrontierPoint;
}

/** Plans a measured job from its fitted model; the planner knows its loading and transfers. */
export function planMeasuredJob(model: MeasuredJobModel): PlannedMeasuredJob {
  const dag = oneFOneB(model.stages.length, model.microbatches);
  const problem = planningProblem(dag, measuredProfile(model), {
    unitTimeS: UNIT_TIME_S,
    blockingPowerW: model.blockingPowerW,
    gpusPerStage: model.gpusPerStage,
    lagS: overheadLags(dag, model.overheads),
  });
  const simulate = (plan: FrequencyPlan) =>
    predictPlan(model, {
      clocksMHz: model.stages.map((_, stage) =>
        plan.frequencyMHz.slice(dag.stageStart[stage], dag.stageStart[stage + 1]),
      ),
    });
  return { model, problem, plans: perseus.plan(problem), simulate };
}

/**
 * Tables 3 and 4: each job runs EnvPipe's plan or Perseus' (in table 4: for a straggler that holds
 * it up to T' = slowdown · all-max time), and waits for the straggler at blocking power.
 */
export function reproduceMeasured(
  jobs: readonly PlannedMeasuredJob[],
  published: readonly PublishedFigure[],
): ReproducedFigure[] {
  return jobs.flatMap((job) => {
    const ofJob = published.filter((figure) => figure.workloadId === job.model.workloadId);
    const { problem, plans, model } = job;
    const highest = job.simulate(maxFrequency.plan(problem).fastest);
    const waitingPowerW = model.stages.length * model.blockingPowerW;
    const constantS = afterMeetingS(model.overheads);
    const envpipePlan = envpipe.plan(problem).fastest;
    const fastestS = plans.fastest.plannedTimeS + constantS;
    return ofJob.map((figure) => {
      const stragglerS = figure.slowdown * highest.timeS;
      const base = {
        planned: { timeS: highest.timeS, energyJ: baselineEnergy(problem, highest.timeS) },
        simulated: highest,
      };
      const value = (point: FrontierPoint, highestPoint: FrontierPoint) =>
        figure.metric === 'slowdown_pct'
          ? 100 * Math.max(0, point.timeS / highestPoint.timeS - 1)
          : savedUntil(stragglerS, waitingPowerW, point, highestPoint);
      const reproduction = (plan: FrequencyPlan): Reproduction => {
        const planned = {
          timeS: plan.plannedTimeS + constantS,
          energyJ: plan.plannedEnergyJ + waitingPowerW * constantS,
        };
        return {
          plannedPct: value(planned, base.planned),
          simulatedPct: value(job.simulate(plan), base.simulated),
        };
      };
      if (figure.system === 'EnvPipe') return { ...figure, ...reproduction(envpipePlan) };
      const deadlineS = figure.slowdown === 1 ? fastestS : stragglerS;
      const planUntil = (untilS: number) => plans.forStraggler(untilS - constantS);
      return {
        ...figure,
        ...reproduction(figure.slowdown === 1 ? plans.fastest : planUntil(stragglerS)),
        later: LATER.map((factor) => reproduction(planUntil(factor * deadlineS))),
      };
    });
  });
}

function savedUntil(
  stragglerS: number,
  waitingPowerW: number,
  point: FrontierPoint,
  base: FrontierPoint,
): number {
  const untilThenJ = ({ timeS, energyJ }: FrontierPoint) =>
    energyJ + waitingPowerW * Math.max(0, stragglerS - timeS);
  return 100 * (1 - untilThenJ(point) / untilThenJ(base));
}

/** A point of figure 9: a plan, simulated, measured, or both. */
export interface FrontierSample {
  readonly workloadId: string;
  /** The planner; `EXECUTED` for plans that were executed and measured. */
  readonly policy: string;
  /** Number of an executed plan. */
  readonly plan?: number;
  /** Undefined if no model of the job is available. */
  readonly simulated: FrontierPoint | undefined;
  readonly measured?: FrontierPoint;
}

/**
 * The policy of the plans that the artifact executed: Perseus' frontier, and all at the highest
 * clock.
 */
const EXECUTED = 'executed';

/** Number of frontier points simulated for the figure. */
const SAMPLES = 25;

/** Figure 9: time and energy of every policy's plans, simulated. */
export function measuredFrontiers(jobs: readonly PlannedMeasuredJob[]): FrontierSample[] {
  return jobs.flatMap((job) => {
    const { workloadId } = job.model;
    const sample = (policy: string, plans: Plans): FrontierSample[] => {
      const last = plans.pointCount - 1;
      const indices = new Set(
        Array.from({ length: Math.min(SAMPLES, last + 1) }, (_, k) =>
          Math.round((last * k) / Math.max(1, Math.min(SAMPLES, last + 1) - 1)),
        ),
      );
      return [...indices].map((k) => {
        const plan = plans.forStraggler(plans.point(k).timeS * (1 + 1e-12));
        return { workloadId, policy, simulated: job.simulate(plan) };
      });
    };
    return [
      ...sample('perseus', job.plans),
      ...[zeusGlobal, zeusPerStage, envpipe, maxFrequency].flatMap((planner) =>
        sample(planner.name, planner.plan(job.problem)),
      ),
    ];
  });
}

/** Executed plans as measured, and as simulated if a model of their job is available. */
export function executedPlans(
  runs: readonly MeasuredJob[],
  jobs: readonly PlannedMeasuredJob[],
): FrontierSample[] {
  return runs.flatMap(({ workloadId, plans }) => {
    const model = jobs.find((job) => job.model.workloadId === workloadId)?.model;
    return plans.map(({ plan, clocksMHz, iterationTimeS, iterationEnergyJ }) => ({
      workloadId,
      policy: EXECUTED,
      plan,
      simulated: model && predictPlan(model, { clocksMHz }),
      measured: { timeS: iterationTimeS, energyJ: iterationEnergyJ },
    }));
  });
}
