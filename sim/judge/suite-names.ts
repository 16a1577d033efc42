/** The suites that planners can be judged on; apart from what makes them, so that help loads names alone. */
export const SUITE_NAMES = ['smoke', 'paper', 'measured', 'wild', 'adversarial', 'tiny'] as const;
export type SuiteName = (typeof SUITE_NAMES)[number];
