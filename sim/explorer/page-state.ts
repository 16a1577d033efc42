import { STEPS } from './steps/steps.js';
import { filesOf, type WhatIf } from './what-if.js';
import type { LinkContent } from './link.js';

/** The state that is asked about, over which undo goes back. */
export interface Asked {
  readonly whatIf: WhatIf;
  /** Number of the step of the explanation, from 0. */
  readonly step: number;
  /** Fields that the user's own profile does not contain and that are assumed until confirmed. */
  readonly assumed: readonly string[];
}

/** The choices of how the answer is looked at. */
export interface View {
  /** The policy that is drawn everywhere; the best one if undefined. */
  readonly drawn: string | undefined;
  /** The what-if to compare with. */
  readonly pinned: WhatIf | undefined;
}

/** The view of a page without choices. */
export const PLAIN_VIEW: View = { drawn: undefined, pinned: undefined };

/** Number of the last step, which has all controls. */
export const LAST_STEP = STEPS.length - 1;

/** A step as it is before anything is changed. */
export function askedInStep(step: number): Asked {
  return { whatIf: { scenario: STEPS[step]!.scenario() }, step, assumed: [] };
}

/** Whether a step is as it was at its beginning. */
export function isUnchanged({ whatIf, step }: Asked): boolean {
  const [now, begin] = [whatIf, askedInStep(step).whatIf].map(filesOf);
  return now!.yaml === begin!.yaml && now!.csv === undefined;
}

/** The content of a link to the page's state. */
export function linkContent(
  { whatIf, step, assumed }: Asked,
  { drawn, pinned }: View,
): LinkContent {
  return {
    files: filesOf(whatIf),
    ...(step === LAST_STEP ? {} : { step: step + 1 }),
    ...(drawn === undefined ? {} : { drawn }),
    ...(assumed.length === 0 ? {} : { assumed }),
    ...(pinned === undefined ? {} : { pinned: filesOf(pinned) }),
  };
}
