import { least } from '../../src/extremes.js';
import type { FrequencyPlan } from '../../src/planner/planner.js';
import { PricedPlans } from '../../src/planner/priced/priced-plans.js';
import { bookEnergy } from '../energy/ledger.js';
import type { Setting } from '../scenario/scenario-setting.js';
import { dataParallelJob } from '../training/data-parallel.js';
import { simulateJob } from '../training/job.js';
import { isThroughout } from '../training/plain-straggler.js';
import type { PolicyPlans } from './policy-plans.js';

/** One iteration of the whole job with slower clocks than a policy needs. */
export interface SlowerClocks {
  /** The deadline of the plans beyond that of those in force, percent. */
  readonly slowerPct: number;
  /** Simulated. */
  readonly timeS: number;
  /** Of all GPUs. */
  readonly energyJ: number;
}

/** Steps of the slowdown, percent, as long as the frontier goes on. */
const STEP_PCT = 1;
const MOST_PCT = 60;
/** Around the least energy: faults make the best clocks a little faster. */
const FINE_STEPS_PCT = { from: -2, until: 1, step: 0.1 };

/**
 * The whole job with plans of a policy's frontier that are slower than those in force, simulated
 * without jitter and with the stragglers that are slow throughout; the first is the one in force. Only
 * that one if a policy has no slower plans, or would have to make them. O(points · instructions ·
 * distinct pipelines).
 */
export function slowerClocks(setting: Setting, policy: PolicyPlans): SlowerClocks[] {
  const isAlone = policy.live !== undefined || policy.plans instanceof PricedPlans;
  const mostPct = isAlone ? 0 : Math.min(MOST_PCT, furthestPct(setting, policy));
  const simulate = slowedJob(setting, policy);
  const coarse = range(0, mostPct, STEP_PCT).flatMap(simulate);
  const lowestJ = least(coarse.map(({ energyJ }) => energyJ));
  const { slowerPct } = coarse.find(({ energyJ }) => energyJ === lowestJ)!;
  const { from, until, step } = FINE_STEPS_PCT;
  const finePct = range(
    Math.max(0, slowerPct + from),
    Math.min(mostPct, slowerPct + until),
    step,
  ).filter((pct) => !Number.isInteger(pct));
  return [...coarse, ...finePct.flatMap(simulate)].sort((a, b) => a.slowerPct - b.slowerPct);
}

/** The slowest plan's time beyond that of the plan in force, percent. */
function furthestPct(setting: Setting, policy: PolicyPlans): number {
  const { stragglerTimeS } = policy.forStragglers(setting.stragglers.filter(isThroughout));
  return Math.max(0, 100 * (policy.plans.point(0).timeS / stragglerTimeS - 1));
}

/** Whole steps from one number to another, without the rounding errors of adding them up. */
function range(from: number, until: number, step: number): number[] {
  const count = Math.floor((until - from) / step + 1e-9) + 1;
  return Array.from({ length: count }, (_, k) => Number((from + k * step).toFixed(6)));
}

/** Simulates the job at a slowdown; nothing if the plan is that of the slowdown before. */
function slowedJob(setting: Setting, policy: PolicyPlans) {
  const stragglers = setting.stragglers.filter(isThroughout);
  const { stragglerTimeS, healthy, ofStragglers } = policy.forStragglers(stragglers);
  const seen = new Set<FrequencyPlan>();
  return (slowerPct: number): SlowerClocks[] => {
    const slowed = (plan: FrequencyPlan, timeS: number) =>
      slowerPct === 0 ? plan : policy.plans.forStraggler(timeS * (1 + slowerPct / 100));
    const plan = slowed(healthy, stragglerTimeS);
    if (seen.has(plan)) return [];
    seen.add(plan);
    const plansOf = new Map(
      [...ofStragglers].map(([pipeline, own]) => [pipeline, slowed(own, own.plannedTimeS)]),
    );
    const job = dataParallelJob({
      ...{ ...setting, stragglers, plan, plansOf },
      pipelineCount: setting.scenario.pipelines,
    });
    const record = simulateJob(job);
    const { totalJ } = bookEnergy(job, record, setting.gpus);
    return [{ slowerPct, timeS: record.iterationTimeS, energyJ: totalJ }];
  };
}
