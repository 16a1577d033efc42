import { createHash } from 'node:crypto';
import { planningKey } from '../run/plan-cache.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import type { ScenarioProfile } from '../scenario/scenario-setting.js';

/** The hashes that tell runs apart. */
export interface RunIdentity {
  /** Of everything that determines a run's results: scenario, profile, version. */
  readonly scenarioHash: string;
  /** Of everything that determines its plans. */
  readonly frontier: string;
}

/**
 * Identities of runs by content: a profile's content counts, not the spelling of its path, nor the
 * folder from which a sweep is run. Profiles that many runs share are hashed once.
 */
export class RunIdentities {
  private readonly profiles = new Map<ScenarioProfile, string>();

  constructor(private readonly version: string) {}

  of(scenario: Scenario, profile: ScenarioProfile): RunIdentity {
    const profileHash = this.profiles.get(profile) ?? hashOfProfile(profile);
    this.profiles.set(profile, profileHash);
    // The names of the profile and its parts do not count, only their content.
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
