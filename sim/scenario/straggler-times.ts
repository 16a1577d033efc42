import { isThroughout } from '../training/plain-straggler.js';
import type { Scenario } from './scenario-schema.js';

/** Whether stragglers come or leave within the run. */
export function comesAndGoes({ stragglers, randomStragglers }: Scenario): boolean {
  return randomStragglers !== undefined || !stragglers.every(isThroughout);
}
