import type { Vocabulary } from '../vocabulary.js';

/** The policies a scenario can compare. */
export const POLICY_NAMES = [
  'max-frequency',
  'zeus-global',
  'zeus-per-stage',
  'envpipe',
  'perseus',
  'perseus-hull',
  'perseus-flat',
] as const;

/** Name of a policy that scenarios can compare. */
export type PolicyName = (typeof POLICY_NAMES)[number];

/** Names of the policies elsewhere. */
export const POLICY_VOCABULARY: Vocabulary<PolicyName> = {
  names: POLICY_NAMES,
  aliases: {
    'max-freq': 'max-frequency',
    'maximum-frequency': 'max-frequency',
    'all-max': 'max-frequency',
    'env-pipe': 'envpipe',
  },
  relatives: {
    baseline: 'max-frequency',
    default: 'max-frequency',
    max: 'max-frequency',
    zeus: 'zeus-global',
  },
};

/** The policies that a scenario compares by default. */
export const DEFAULT_POLICIES: readonly PolicyName[] = ['max-frequency', 'zeus-global', 'perseus'];

/** The built-in policies that plan a whole frontier, whose size grows with the ticks. */
export const FRONTIER_POLICIES: ReadonlySet<string> = new Set<PolicyName>([
  'perseus',
  'perseus-hull',
]);
