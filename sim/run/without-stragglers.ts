import type { Scenario } from '../scenario/scenario-schema.js';
import type { ScenarioProfile } from '../scenario/scenario-setting.js';
import type { PlanCache } from './plan-cache.js';
import { runScenario, type ScenarioResult } from './run-scenario.js';

/**
 * Runs a job at the highest clocks without its stragglers: the time that they cost everyone.
 * @returns undefined if it has none.
 */
export async function runWithoutStragglers(
  scenario: Scenario,
  source: ScenarioProfile,
  cache: PlanCache,
): Promise<ScenarioResult | undefined> {
  const { stragglers, randomStragglers, faults: _, ...job } = scenario;
  if (stragglers.length === 0 && randomStragglers === undefined) return undefined;
  const quiet = { ...job, stragglers: [], policies: ['max-frequency' as const] };
  return runScenario(quiet, source, { cache });
}
