import type { Plans } from '../../src/planner/planner.js';
import type { EnergyBound } from './energy-bound.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import type { ScenarioProfile } from '../scenario/scenario-setting.js';
import type { SharedSetting } from './shared-setting.js';

/**
 * Scenarios with the same key have the same planning problem: they differ in what goes wrong, not in
 * their plans.
 */
export function planningKey(scenario: Scenario): string {
  const { profile, scale, pipeline, tensorParallel, unitTimeS, imbalance } = scenario;
  const { timing, communication, clocks, power } = scenario;
  return JSON.stringify([
    [profile, scale, pipeline, tensorParallel, unitTimeS, imbalance],
    [timing, communication, clocks, power],
  ]);
}

/** Scenarios with the same key differ at most in stragglers, seed and name. */
function settingKey(scenario: Scenario): string {
  return JSON.stringify({ ...scenario, name: '', seed: 0, stragglers: [] });
}

/** Frontiers, bounds and settings of earlier runs, for scenarios that need the same. */
export class PlanCache {
  private readonly plans = new Map<string, Plans>();
  private readonly bounds = new Map<string, EnergyBound>();
  private readonly settings = new Map<string, SharedSetting>();

  /** @param most number kept of each, those used last. */
  constructor(private readonly most = Infinity) {}

  /** A policy's plans for the scenario's problem; calls `make` if there are none yet. */
  plansOf(scenario: Scenario, policy: string, make: () => Plans): Plans {
    return this.remembered(this.plans, `${policy} ${planningKey(scenario)}`, make);
  }

  /** The bound of the scenario's pipeline. */
  boundOf(scenario: Scenario, make: () => EnergyBound): EnergyBound {
    // The effort for it depends on the policies.
    const key = `${scenario.policies.join()} ${planningKey(scenario)}`;
    return this.remembered(this.bounds, key, make);
  }

  /** The setting of an earlier scenario that differs at most in stragglers, seed and name. */
  settingOf(scenario: Scenario, source: ScenarioProfile, make: () => SharedSetting): SharedSetting {
    const key = settingKey(scenario);
    // Another profile may have the same name: only the same object is known to be the same.
    if (this.settings.get(key)?.source !== source) this.settings.delete(key);
    return this.remembered(this.settings, key, make);
  }

  /** Forgets the plans of a policy, such as a planner that may be another one under the same name. */
  forget(policy: string): void {
    for (const key of this.plans.keys()) {
      if (key.startsWith(`${policy} [[`)) this.plans.delete(key);
    }
  }

  /** A map keeps its keys in the order in which they were set: the first is the least recently used. */
  private remembered<T>(known: Map<string, T>, key: string, make: () => T): T {
    const found = known.get(key) ?? make();
    known.delete(key);
    known.set(key, found);
    if (known.size > this.most) known.delete(known.keys().next().value!);
    return found;
  }
}
