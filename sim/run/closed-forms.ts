import type { FrontierPoint } from '../../src/planner/planner.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import type { Setting } from '../scenario/scenario-setting.js';
import { afterMeetingS } from '../training/timing.js';
import type { EnergyBound } from './energy-bound.js';
import { plannedJob, type PlannedJob } from './planned-job.js';
import type { PolicyPlans } from './policy-plans.js';

/** The planner's promise for one iteration, if nothing but plain stragglers goes wrong. */
export function plannedByPolicy(setting: Setting, plans: PolicyPlans): PlannedJob | undefined {
  const { scenario, plain, stragglers } = setting;
  // With a limit on the job's power, max-frequency itself runs other clocks than the formulas assume.
  const isSumKnown = isDeterministic(scenario) && scenario.power.jobLimitW === undefined;
  if (plain === undefined || scenario.iterations > 1 || !isSumKnown) return undefined;
  const planned = {
    problem: plans.problem,
    job: plain,
    afterMeeting: afterMeeting(setting),
  };
  const { healthy, ofStragglers } = plans.forStragglers(stragglers);
  return plannedJob(planned, plans.fastest, healthy, ofStragglers);
}

/** The bound covers plain stragglers and overheads, all at one blocking power. */
export function isBoundKnown({ scenario, plain, conditions, gpus }: Setting): boolean {
  const { communicationPowerW = gpus.blockingPowerW } = gpus;
  return (
    plain !== undefined &&
    isDeterministic(scenario) &&
    scenario.iterations === 1 &&
    conditions.clockSwitchS === 0 &&
    conditions.waitingW === undefined &&
    communicationPowerW === gpus.blockingPowerW
  );
}

/** Whether nothing is random. */
function isDeterministic({ jitter, sequenceLengths, randomStragglers }: Scenario): boolean {
  return jitter === undefined && sequenceLengths === undefined && randomStragglers === undefined;
}

/** The least energy of the whole job whose pipelines meet then; undefined without a closed form. */
export function boundOfJob(
  setting: Setting,
  bound: EnergyBound,
  meetS: number,
): number | undefined {
  const { plain, scenario } = setting;
  if (plain === undefined) return undefined;
  return bound.ofJob(plain, meetS) + scenario.pipelines * afterMeeting(setting).energyJ;
}

/** Time and energy of one pipeline after all have met, if waiting has one power. */
function afterMeeting({ timing, gpus, dag }: Setting): FrontierPoint {
  const { blockingPowerW, synchronisationPowerW = blockingPowerW, gpusPerStage } = gpus;
  const { synchronisationS = 0 } = timing;
  const timeS = afterMeetingS(timing);
  const ofOneGpuJ =
    blockingPowerW * (timeS - synchronisationS) + synchronisationPowerW * synchronisationS;
  return { timeS, energyJ: dag.stageCount * gpusPerStage * ofOneGpuJ };
}

/**
 * The extra time, percent, in which the least energy may be no higher than the bound: the largest over
 * all times at which pipelines met.
 */
export function boundExtraTimePct(
  { plain }: Setting,
  bound: EnergyBound,
  meetTimesS: readonly number[],
): number {
  if (plain === undefined) return 0;
  return meetTimesS.reduce((most, meetS) => Math.max(most, 100 * bound.extraTime(plain, meetS)), 0);
}
