import type { ExecutionOption, OptionOrigin } from './stage-profile.js';

/** With this few options left, measurement noise rather than physics has eliminated the others. */
const TOO_FEW = 3;
/** In that case an option worse by less than this fraction is kept. */
const NOISE_FACTOR = 0.95;

/**
 * The options worth running: those that no other option beats on time or energy without losing on
 * the other. Of clocks with equal time, this is the one that uses least. If three or fewer measured
 * options are left, the measurement was noisy: an option then stays unless another beats it by more
 * than 5 % on both (the reference planner's `noise_factor` of 0.95), or takes exactly as long and
 * uses less. Fitted options have no noise and get no such tolerance.
 *
 * Order is kept. O(n²) in the number of clocks, a few dozen.
 */
export function usefulOptions<T extends ExecutionOption>(
  options: readonly T[],
  origin: OptionOrigin = 'measured',
): readonly T[] {
  const strict = keepUnless(options, beats);
  if (origin === 'fitted' || strict.length > TOO_FEW) return strict;
  return keepUnless(options, (a, b) => beatsBeyondNoise(a, b) || isCheaperTwin(a, b));
}

function beats(a: ExecutionOption, b: ExecutionOption): boolean {
  const isNoWorse = a.timeS <= b.timeS && a.energyJ <= b.energyJ;
  return isNoWorse && (a.timeS < b.timeS || a.energyJ < b.energyJ);
}

function beatsBeyondNoise(a: ExecutionOption, b: ExecutionOption): boolean {
  return a.timeS < b.timeS * NOISE_FACTOR && a.energyJ < b.energyJ * NOISE_FACTOR;
}

function isCheaperTwin(a: ExecutionOption, b: ExecutionOption): boolean {
  return a.timeS === b.timeS && a.energyJ < b.energyJ;
}

function keepUnless<T extends ExecutionOption>(
  options: readonly T[],
  isBeaten: (by: ExecutionOption, option: ExecutionOption) => boolean,
): T[] {
  return options.filter((option) => !options.some((other) => isBeaten(other, option)));
}
