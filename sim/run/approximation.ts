import { maxFrequency } from '../../src/planner/max-frequency.js';
import type { Planner } from '../../src/planner/planner.js';
import { FRONTIER_POLICIES, type PolicyName } from '../../src/planner/policy-names.js';
import { PricedPlans } from '../../src/planner/priced/priced-plans.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import type { Setting } from '../scenario/scenario-setting.js';
import type { PolicyPlans } from './policy-plans.js';

/** A wish for approximate plans. */
export interface Approximate {
  /** Visits of instructions for each deadline; Infinity for the plans that the frontier has there. */
  readonly effort: number;
  /** Policies of the scenario that have no approximate plans, and are not in the run. */
  readonly leftOut: readonly PolicyName[];
}

/** Facts about approximate plans. */
export interface Approximation extends Approximate {
  /** The policies with approximate plans. */
  readonly policies: readonly string[];
  /**
   * The most that refining can add to the planned saving of any of them, in points; it takes nothing
   * away. 0 if they are those of the frontier. Absent if it is not known: deadlines may depend on the
   * plans themselves.
   */
  readonly mayChangePct: number | undefined;
}

const APPROXIMABLE: ReadonlySet<string> = new Set<PolicyName>(['perseus']);

/** Whether a policy has approximate plans with a bound: single deadlines of the cost model's problem. */
export function isApproximable(policy: string): boolean {
  return APPROXIMABLE.has(policy);
}

/**
 * Whether a scenario needs plans for single deadlines alone, and these can be made with a bound that
 * is known in the end.
 */
export function needsNoFrontier({ policies, power }: Scenario): boolean {
  const onFrontiers = policies.filter((policy) => FRONTIER_POLICIES.has(policy));
  return (
    onFrontiers.length > 0 && onFrontiers.every(isApproximable) && power.jobLimitW === undefined
  );
}

/** The planner of a policy's approximate plans. */
export function approximatePlanner(policy: string, { effort }: Approximate): Planner {
  return { name: policy, plan: (problem) => new PricedPlans(policy, problem, effort) };
}

/** The approximation of plans that have been used: their deadlines are known then. */
export function approximationOf(
  setting: Setting,
  plans: readonly PolicyPlans[],
  asked: Approximate,
): Approximation {
  const priced = plans.flatMap(({ policy, plans: made }) =>
    made instanceof PricedPlans ? [{ policy, made }] : [],
  );
  const baseline = maxFrequency.plan(setting.problem).fastest;
  const excesses = priced.map(({ made }) => made.excessPct(baseline));
  const isLimited = setting.scenario.power.jobLimitW !== undefined;
  const isKnown = !isLimited && (asked.effort === Infinity || areDeadlinesSame(setting));
  return {
    ...asked,
    policies: priced.map(({ policy }) => policy),
    mayChangePct: isKnown ? Math.max(0, ...excesses) : undefined,
  };
}

/**
 * Whether all plans of the problem are made for the same deadlines. A job's saving is then a mean of
 * its pipelines' savings, each over its own deadline.
 */
function areDeadlinesSame({ scenario, problem, stragglers, plain }: Setting): boolean {
  const isPlain = plain !== undefined && problem.lags === undefined;
  return scenario.randomStragglers === undefined && (stragglers.length === 0 || isPlain);
}
