import type { Scenario } from './scenario-schema.js';

/** Whether stragglers come or leave within the run. */
export function comesAndGoes({ stragglers, randomStragglers }: Scenario): boolean {
  return (
    randomStragglers !== undefined ||
    stragglers.some(({ fromS, untilS }) => fromS !== undefined || untilS !== undefined)
  );
}
