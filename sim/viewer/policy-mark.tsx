import { policyLooks } from '../report/looks.js';

/** A policy's shape in its colour, as in the frontier. */
export function PolicyMark({ policy }: { policy: string }) {
  const [look] = policyLooks([policy]);
  return (
    <svg class="mark" viewBox="-1.2 -1.2 2.4 2.4" width="12" height="12" aria-hidden="true">
      <path d={look!.shape} fill={look!.colour.light} />
    </svg>
  );
}
