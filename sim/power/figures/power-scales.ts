/** A band of frequencies, both ends included. */
export interface FrequencyBand {
  readonly fromHz: number;
  readonly toHz: number;
}

/** Electromechanical modes of grids (arXiv 2508.16457). */
export const GRID_MODES: FrequencyBand = { fromHz: 0.1, toHz: 2 };

/** The band that utilities limit (arXiv 2508.14318). */
export const UTILITY_BAND: FrequencyBand = { fromHz: 0.1, toHz: 20 };

/** Times over which ramps are given (training-power-trace-explorer). */
export const RAMP_TIMES_S = [1, 5, 10] as const;
