import {
  scenarioSetting,
  settingLike,
  type ScenarioProfile,
  type Setting,
} from '../scenario/scenario-setting.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import { balanceOf, type BalanceResult } from './balance.js';
import type { PlanCache } from './plan-cache.js';

/** A setting for all scenarios that differ from its own at most in stragglers, seed and name. */
export interface SharedSetting {
  readonly source: ScenarioProfile;
  readonly setting: Setting;
  /** The cost of its partition, worked out when it is first asked for. */
  readonly balance: () => BalanceResult;
}

/**
 * A scenario's setting. Of scenarios that differ at most in stragglers, seed and name, and have the same
 * profile, only the first is resolved.
 *
 * @throws InputError if the scenario's parts do not fit together.
 */
export function sharedSetting(
  cache: PlanCache,
  scenario: Scenario,
  source: ScenarioProfile,
): SharedSetting {
  const shared = cache.settingOf(scenario, source, () => {
    const setting = scenarioSetting(scenario, source);
    let balance: BalanceResult | undefined;
    return { source, setting, balance: () => (balance ??= balanceOf(setting, source)) };
  });
  return { ...shared, setting: settingLike(shared.setting, scenario, source) };
}
