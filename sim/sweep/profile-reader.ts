import { InputError } from '../../src/errors.js';
import { modelStageCount } from '../../src/pipeline/schedules.js';
import type { CatalogLibrary } from '../hardware/catalog-library.js';
import { loadProfile } from '../scenario/scenario-profile.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import type { ScenarioProfile } from '../scenario/scenario-setting.js';

/**
 * Reads the profiles of runs; what runs share is read once.
 * @param path of the sweep, for messages; files that runs name are relative to it.
 * @returns throws an InputError if a run's profile is missing or invalid.
 */
export function profileReader(
  path: string,
  library: CatalogLibrary,
): (scenario: Scenario) => ScenarioProfile {
  const known = new Map<string, ScenarioProfile | InputError>();
  return (scenario) => {
    const key = profileKey(scenario);
    const found = known.get(key) ?? attempt(() => loadProfile(scenario, path, library));
    known.set(key, found);
    if (found instanceof InputError) throw found;
    return found;
  };
}

/** Scenarios with the same key have the same profile. */
export function profileKey(scenario: Scenario): string {
  const { profile, pipeline, tensorParallel, job } = scenario;
  const parts = modelStageCount(pipeline);
  // Experts may be divided among the GPUs of several pipelines.
  const pipelines = 'expertParallel' in profile ? scenario.pipelines : 1;
  return JSON.stringify([profile, pipeline.stages, parts, tensorParallel, pipelines, job]);
}

function attempt<T>(make: () => T): T | InputError {
  try {
    return make();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}
