import type { FrequencyPlan } from '../../src/planner/planner.js';
import type { Setting } from '../scenario/scenario-setting.js';
import { isThroughout } from '../training/plain-straggler.js';
import type { PolicyPlans } from './policy-plans.js';

/** The plan of one pipeline of a job while all stragglers of its scenario are there. */
export interface PipelinePlan {
  readonly pipeline: number;
  readonly plan: FrequencyPlan;
  /** T′: the time of the slowest straggler; that of the fastest plan if there is none. */
  readonly stragglerTimeS: number;
  /** Whether the pipeline is a straggler. */
  readonly isSlow: boolean;
  /** Number of pipelines that are not. */
  readonly healthyCount: number;
  /** Whether the pipelines that are not stragglers run another plan. */
  readonly healthyDiffer: boolean;
  /** Stragglers that run another plan, in rising order. */
  readonly slowThatDiffer: readonly number[];
  /** Whether stragglers come or go. */
  readonly isForAWhile: boolean;
}

/**
 * The plan of one pipeline.
 * @param pipeline its number; the first one that is no straggler if left out.
 */
export function pipelinePlan(
  { scenario, stragglers }: Setting,
  plans: PolicyPlans,
  pipeline?: number,
): PipelinePlan {
  const all = stragglers.map(({ fromS, untilS, ...slowdown }) => slowdown);
  const slow = new Set(all.map((straggler) => straggler.pipeline));
  const { healthy, ofStragglers, stragglerTimeS } = plans.forStragglers(all);
  const chosen = pipeline ?? firstWithout(slow, scenario.pipelines);
  const plan = ofStragglers.get(chosen) ?? healthy;
  const healthyCount = scenario.pipelines - slow.size;
  return {
    ...{ pipeline: chosen, plan, stragglerTimeS, healthyCount },
    isSlow: slow.has(chosen),
    healthyDiffer: healthyCount > 0 && plan !== healthy,
    slowThatDiffer: [...ofStragglers]
      .filter(([, other]) => other !== plan)
      .map(([number]) => number)
      .sort((a, b) => a - b),
    isForAWhile: !stragglers.every(isThroughout),
  };
}

/** The first pipeline that is no straggler, or the first one if all are. */
function firstWithout(slow: ReadonlySet<number>, count: number): number {
  const found = Array.from({ length: Math.min(count, slow.size + 1) }, (_, p) => p);
  return found.find((pipeline) => !slow.has(pipeline)) ?? 0;
}
