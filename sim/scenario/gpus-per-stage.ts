import type { Scenario } from './scenario-schema.js';

/** GPUs of one stage of a pipeline: those that share layers, times those that share sequences. */
export function gpusPerStage({
  tensorParallel,
  profile,
}: Pick<Scenario, 'tensorParallel' | 'profile'>): number {
  return tensorParallel * contextParallel(profile);
}

function contextParallel(profile: Scenario['profile']): number {
  return 'model' in profile ? (profile.contextParallel ?? 1) : 1;
}
