import {
  frontierExcess,
  frontierSize,
  MANY_VISITS,
} from '../../src/planner/perseus/frontier-size.js';
import { FRONTIER_POLICIES } from '../../src/planner/policy-names.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import { scenarioSetting, type ScenarioProfile } from '../scenario/scenario-setting.js';
import { isApproximable } from './approximation.js';
import { PlanCache } from './plan-cache.js';
import { runScenario, type RunOptions, type ScenarioResult } from './run-scenario.js';

/** A run with plans as good as its round has made them. */
export interface Round {
  readonly result: ScenarioResult;
  /** Whether its plans are those of the whole frontier: no round changes them. */
  readonly isLast: boolean;
  /** Whether the next round plans the whole frontier. */
  readonly isBeforeLast: boolean;
  /** Whether the next round has the frontier's own plans, without planning the frontier. */
  readonly isBeforeExact: boolean;
}

/** Options of a run in rounds. */
export interface RefinedOptions extends RunOptions {
  /** The most work of an approximate round, as a part of the frontier's. */
  readonly mostOfFrontier: number;
}

/** Visits of instructions for each deadline of the first round: about a tenth of a second. */
const FIRST_EFFORT = 3e6;
/** A round takes as much longer than the one before it, so that all rounds cost little more than the last. */
export const HARDER = 3;
/** Visits of instructions for a deadline that take as long as one visit while a frontier is planned. */
const FRONTIER_VISIT = 6;
/** Pipelines of up to this many instructions have the frontier's plan for a deadline within seconds. */
const MOST_EXACT = 8000;
/** A round that lowers the bound by less than this part of it is the last but the frontier. */
const WORTHWHILE = 0.1;

/**
 * Runs a scenario in rounds, with ever better plans: approximate ones first, each with a bound on
 * what further rounds can change (`approximation`), and in the last round the frontiers. Every round
 * is a run of the whole scenario. Approximate rounds have neither a bound of energy nor the policies
 * that cannot be approximated; there are none if no policy can. Exact plans have the bound where the
 * frontier takes minutes, since few readers wait for it.
 *
 * The rounds depend on the scenario alone, whatever the reader's patience. A frontier that does not
 * fit into memory ends them without a last one.
 *
 * @throws InputError as `runScenario` does.
 */
export async function* refinedRuns(
  scenario: Scenario,
  source: ScenarioProfile,
  { mostOfFrontier, ...options }: RefinedOptions,
): AsyncGenerator<Round, void> {
  const { findBound: _, ...withoutBound } = options;
  const approximated = scenario.policies.filter(
    (policy) => isApproximable(policy) || !FRONTIER_POLICIES.has(policy),
  );
  const leftOut = scenario.policies.filter((policy) => !approximated.includes(policy));
  const { problem } = scenarioSetting(scenario, source);
  const { visits } = frontierSize(problem);
  const isAny = scenario.policies.some((policy) => isApproximable(policy));
  const mostEffort = mostOfFrontier * FRONTIER_VISIT * visits;
  let beforePct = Infinity;
  const isSmall = problem.dag.instructionCount <= MOST_EXACT;
  for (let effort = FIRST_EFFORT; isAny && (effort <= mostEffort || isSmall);) {
    const result = await runScenario({ ...scenario, policies: approximated }, source, {
      ...(effort === Infinity && visits > MANY_VISITS ? options : withoutBound),
      cache: new PlanCache(),
      approximate: { effort, leftOut },
    });
    const { mayChangePct = beforePct } = result.approximation!;
    const next = isSmall ? Infinity : effort * HARDER;
    const isStuck = mayChangePct > (1 - WORTHWHILE) * beforePct;
    const isBeforeLast = effort === Infinity || (!isSmall && (isStuck || next > mostEffort));
    const isBeforeExact = isSmall && effort < Infinity;
    yield { result, isLast: false, isBeforeLast, isBeforeExact };
    if (isBeforeLast) break;
    beforePct = mayChangePct;
    effort = next;
  }
  if (isAny && frontierExcess(problem) > 1) return;
  yield {
    result: await runScenario(scenario, source, options),
    isLast: true,
    isBeforeLast: false,
    isBeforeExact: false,
  };
}
