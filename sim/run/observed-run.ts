import { least, most } from '../../src/extremes.js';
import type { FrontierPoint, Plans } from '../../src/planner/planner.js';
import { PlanCache } from './plan-cache.js';
import { policyPlans, type PolicyPlans } from './policy-plans.js';
import { scenarioJitter } from './scenario-jitter.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import {
  scenarioSetting,
  type ScenarioProfile,
  type Setting,
} from '../scenario/scenario-setting.js';
import { withDrawnStragglers } from './straggler-draws.js';
import { trainingRun, type ExecutedIteration } from './training-run.js';

/** One policy's run, to look at. */
export interface ObservedPolicy {
  readonly plans: PolicyPlans;
  /** What it planned for one pipeline, slowest first; of a long frontier a part of its points. */
  readonly frontier: readonly FrontierPoint[];
  /** The first iterations, as they were executed. */
  readonly iterations: readonly ExecutedIteration[];
}

/** A scenario's run with its first seed, instruction by instruction, for pictures and traces. */
export interface ObservedRun {
  /** With the stragglers that were drawn. */
  readonly setting: Setting;
  readonly policies: readonly ObservedPolicy[];
}

/** Instructions of distinct iterations and pipelines that are kept; some 100 bytes each. */
const MOST_KEPT = 2_000_000;
/** Points of a frontier that are kept. */
const MOST_POINTS = 400;

/**
 * Runs a scenario's first seed once more and keeps what every instruction did, as far as memory
 * allows: at least one iteration of each policy. The numbers are those of `runScenario`.
 *
 * @param cache that of `runScenario`, so that nothing is planned twice.
 */
export function observeRun(
  scenario: Scenario,
  source: ScenarioProfile,
  cache = new PlanCache(),
  mostInstructions = MOST_KEPT,
): ObservedRun {
  const shared = scenarioSetting(scenario, source);
  const mostOfPolicy = mostInstructions / scenario.policies.length;
  return withDrawnStragglers(shared, scenario.seed, (stragglers) => {
    const setting = { ...shared, stragglers };
    const runs = scenario.policies.map((policy) => {
      const plans = policyPlans(setting, policy, undefined, cache);
      const { iterations, timeS } = executedIterations(setting, plans, mostOfPolicy);
      return { plans, frontier: thinned(plans.plans), iterations, timeS };
    });
    const policies = runs.map(({ timeS, ...observed }) => observed);
    return { setting, policies, longestS: most(runs.map(({ timeS }) => timeS)) };
  });
}

function executedIterations(
  setting: Setting,
  plans: PolicyPlans,
  mostInstructions: number,
): { iterations: ExecutedIteration[]; timeS: number } {
  const { scenario, dag } = setting;
  const iterations: ExecutedIteration[] = [];
  const records = new Set<object>();
  let instructions = 0;
  const jitter = scenarioJitter(scenario, dag, scenario.seed);
  const { timeS } = trainingRun(setting, plans, 'notified', jitter, (iteration) => {
    const { record } = iteration;
    if (!records.has(record)) instructions += record.simulatedPipelines * dag.instructionCount;
    records.add(record);
    if (iterations.length === 0 || instructions <= mostInstructions) iterations.push(iteration);
  });
  return { iterations, timeS };
}

/** Every so many points, with both ends. */
function thinned(plans: Plans): FrontierPoint[] {
  const last = plans.pointCount - 1;
  const count = Math.min(plans.pointCount, MOST_POINTS);
  return Array.from({ length: count }, (_, k) =>
    plans.point(count === 1 ? 0 : Math.round((k * last) / (count - 1))),
  );
}

/**
 * The iteration that shows most: the first in which a straggler is there and known of, or else
 * there, or else the first; the same one for every policy.
 */
export function shownIteration({ policies }: ObservedRun): number {
  const { iterations } = policies.at(-1)!;
  const among = least(policies.map((policy) => policy.iterations.length));
  const candidates = iterations.slice(0, among);
  const isKnown = candidates.findIndex(
    ({ known, present }) => known.length > 0 && present.length > 0,
  );
  if (isKnown >= 0) return isKnown;
  return Math.max(
    0,
    candidates.findIndex(({ present }) => present.length > 0),
  );
}
