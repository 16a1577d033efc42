/**
 * The suites on which planners can be judged, apart from the code that makes them, so that help
 * loads only names.
 */
export const SUITE_NAMES = ['smoke', 'paper', 'measured', 'wild', 'adversarial', 'tiny'] as const;
export type SuiteName = (typeof SUITE_NAMES)[number];
