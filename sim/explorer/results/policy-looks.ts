import type { PolicyName } from '../../studies/policies.js';

/** How a policy is drawn: told apart by colour, by shape and by dashes. */
export interface PolicyLook {
  /** A custom property of the style sheet, which knows light and dark. */
  readonly colour: string;
  /** A path around (0, 0), some 10 wide. */
  readonly shape: string;
  readonly dash: readonly number[];
}

/** Colours that colour-blind people can tell apart (Okabe and Ito 2008). */
const POLICY_LOOKS: Readonly<Record<PolicyName, PolicyLook>> = {
  'max-frequency': { colour: '--black', shape: 'M-4-4H4V4H-4Z', dash: [] },
  'zeus-global': { colour: '--purple', shape: 'M0-6 6 0 0 6-6 0Z', dash: [2, 3] },
  'zeus-per-stage': { colour: '--orange', shape: 'M0-5.5 5.5 4.5H-5.5Z', dash: [8, 3] },
  envpipe: { colour: '--vermilion', shape: 'M0 5.5 5.5-4.5H-5.5Z', dash: [8, 3, 2, 3] },
  perseus: { colour: '--blue', shape: 'M-5 0A5 5 0 1 1 5 0 5 5 0 1 1-5 0Z', dash: [] },
  'perseus-hull': {
    colour: '--green',
    shape: 'M-2-6H2V-2H6V2H2V6H-2V2H-6V-2H-2Z',
    dash: [5, 3],
  },
};

/** How a policy of the page's is drawn; it offers no planners from elsewhere. */
export function lookOf(policy: string): PolicyLook {
  return POLICY_LOOKS[policy as PolicyName];
}
