import { lookOf } from './policy-looks.js';

/** A policy's shape in its colour, as in the frontier. */
export function PolicyMark({ policy }: { policy: string }) {
  const { colour, shape } = lookOf(policy);
  return (
    <svg class="mark" viewBox="-7 -7 14 14" width="12" height="12" aria-hidden="true">
      <path d={shape} style={`fill:var(${colour})`} />
    </svg>
  );
}
