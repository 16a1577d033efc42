import { maxFrequency } from '../../src/planner/max-frequency.js';
import { perseus } from '../../src/planner/perseus/perseus.js';
import type { Planner } from '../../src/planner/planner.js';

/** The policies a scenario can compare, in the order of tables; savings are against the first. */
export const POLICY_NAMES = ['max-frequency', 'perseus'] as const;

export type PolicyName = (typeof POLICY_NAMES)[number];

/** The planner behind each policy. */
export const POLICIES: Readonly<Record<PolicyName, Planner>> = {
  'max-frequency': maxFrequency,
  perseus,
};
