import type { FrequencyPlan } from '../../src/planner/planner.js';
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
const MOST_STEPS = 60;

/**
 * The whole job with plans of a policy's frontier that are slower than those in force, simulated
 * without jitter and with the stragglers that are slow throughout; the first is the one in force. Only
 * that one if a policy has no slower plans. O(points · instructions · distinct pipelines).
 */
export function slowerClocks(setting: Setting, policy: PolicyPlans): SlowerClocks[] {
  const stragglers = setting.stragglers.filter(isThroughout);
  const { stragglerTimeS, healthy, ofStragglers } = policy.forStragglers(stragglers);
  const slowestS = policy.plans.point(0).timeS;
  const points: SlowerClocks[] = [];
  let last: FrequencyPlan | undefined;
  for (let k = 0; k <= MOST_STEPS; k++) {
    const slower = 1 + (k * STEP_PCT) / 100;
    if (k > 0 && stragglerTimeS * slower > slowestS) break;
    const slowed = (plan: FrequencyPlan, timeS: number) =>
      k === 0 ? plan : policy.plans.forStraggler(timeS * slower);
    const plan = slowed(healthy, stragglerTimeS);
    if (plan === last) continue;
    last = plan;
    const plansOf = new Map(
      [...ofStragglers].map(([pipeline, own]) => [pipeline, slowed(own, own.plannedTimeS)]),
    );
    const job = dataParallelJob({
      ...{ ...setting, stragglers, plan, plansOf },
      pipelineCount: setting.scenario.pipelines,
    });
    const record = simulateJob(job);
    const { totalJ } = bookEnergy(job, record, setting.gpus);
    points.push({ slowerPct: k * STEP_PCT, timeS: record.iterationTimeS, energyJ: totalJ });
  }
  return points;
}
