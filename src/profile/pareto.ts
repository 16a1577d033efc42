import type { ExecutionOption } from './stage-profile.js';

/** With this few options left, measurement noise and not physics has dropped the others. */
const TOO_FEW = 3;
/** An option noisy by less than this fraction is not worth dropping then. */
const NOISE_FACTOR = 0.95;

/**
 * The options worth running: those that no other option beats on both time and energy. Where
 * three or fewer are left, the measurement was noisy: then an option stays unless another beats it
 * by more than 5 % on both (the reference planner's `noise_factor` of 0.95).
 *
 * Order is kept. O(n²) in the number of clocks, some dozens.
 */
export function usefulOptions<T extends ExecutionOption>(options: readonly T[]): readonly T[] {
  const strict = undominated(options, 1);
  return strict.length > TOO_FEW ? strict : undominated(options, NOISE_FACTOR);
}

function undominated<T extends ExecutionOption>(options: readonly T[], factor: number): T[] {
  return options.filter(
    ({ timeS, energyJ }) =>
      !options.some((other) => other.timeS < timeS * factor && other.energyJ < energyJ * factor),
  );
}
