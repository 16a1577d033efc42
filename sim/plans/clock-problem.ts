import { implausible } from '../../src/plausible.js';

/** The reason why a number is no clock; undefined if it is one. 0 leaves the clock as it is. */
export function clockProblem(frequencyMHz: number): string | undefined {
  if (frequencyMHz === 0) return undefined;
  const wrong = implausible('clockMHz', frequencyMHz);
  return wrong && `${wrong}; or 0, which leaves the clock as it is`;
}
