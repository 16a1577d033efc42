import { createHash } from 'node:crypto';
import { planningKey } from '../run/plan-cache.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import type { ScenarioProfile } from '../scenario/scenario-setting.js';

/** The hashes that tell runs apart. */
export interface RunIdentity {
  /** Of all that decides a run's results: scenario, profile, version. */
  readonly scenarioHash: string;
  /** Of all that decides its plans. */
  readonly frontier: string;
}

/**
 * Identities of runs by content: what a profile holds counts, not how its path is spelled, nor the
 * folder that a sweep is run from. Profiles that many runs share are hashed once.
 */
export class RunIdentities {
  private readonly profiles = new Map<ScenarioProfile, string>();

  constructor(private readonly version: string) {}

  of(scenario: Scenario, profile: ScenarioProfile): RunIdentity {
    const profileHash = this.profiles.get(profile) ?? hashOfProfile(profile);
    this.profiles.set(profile, profileHash);
    // How the scenario names its profile, or its parts, is how it came to it.
    const { profile: _, ...content } = scenario;
    return {
      scenarioHash: hashOf([this.version, content, profileHash]),
      frontier: hashOf([planningKey({ ...scenario, profile: NAMELESS }), profileHash]),
    };
  }
}

/** Stands for a profile whose content is hashed beside it. */
const NAMELESS = { catalog: '' };

function hashOfProfile({ profile, scale, blockingPowerW, estimate }: ScenarioProfile): string {
  return hashOf([profile.stages, scale, blockingPowerW, estimate]);
}

/** Hash of plain data. */
export function hashOf(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}
