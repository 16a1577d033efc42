/** Errors of profiles, per cent. */
export interface ProfileError {
  readonly meanPct: number;
  readonly worstPct: number;
  readonly profiles: number;
}

/** Errors of modelled profiles against measured ones. */
export interface ProfileErrors {
  /** At the highest clock. */
  readonly time: ProfileError;
  /** Of time at lower clocks over that at the highest. */
  readonly slowdown: ProfileError;
  readonly power: ProfileError;
}

/**
 * Errors of profiles by operators against those measured on A100 and A40 when nothing of the chip was
 * used, of which there are two each: mean and worse of both chips, as `pipewatt predict --leave-chip-out`
 * prints them (results/predict.txt).
 */
export const LEFT_OUT_ERRORS: ProfileErrors = {
  time: { meanPct: 16, worstPct: 21.4, profiles: 4 },
  slowdown: { meanPct: 5.5, worstPct: 6.5, profiles: 4 },
  power: { meanPct: 8.3, worstPct: 12.2, profiles: 4 },
};
