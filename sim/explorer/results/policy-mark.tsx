import type { PolicyName } from '../../studies/policies.js';
import { POLICY_LOOKS } from './policy-looks.js';

/** A policy's shape in its colour, as in the frontier. */
export function PolicyMark({ policy }: { policy: PolicyName }) {
  const { colour, shape } = POLICY_LOOKS[policy];
  return (
    <svg class="mark" viewBox="-7 -7 14 14" width="12" height="12" aria-hidden="true">
      <path d={shape} style={`fill:var(${colour})`} />
    </svg>
  );
}
