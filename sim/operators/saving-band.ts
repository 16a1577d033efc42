/** A saving that was not measured, in percent of energy, with its likely range. */
export interface SavingBand {
  readonly predictedPct: number;
  readonly lowPct: number;
  readonly highPct: number;
}

/** The points that savings lack: on average, at least and at most. */
export interface SavingLack {
  readonly mean: number;
  readonly least: number;
  readonly most: number;
}

/**
 * Points by which predicted profiles underestimate savings: mean, least and most over the measured
 * profiles of chips left out, widened by a point on both sides (`pipewatt predict
 * --leave-chip-out`), for pipelines that wait for one 1.05, 1.1 and 1.2 times slower.
 */
export const SAVINGS_LACK_PCT: SavingLack = { mean: 5.4, least: 0.7, most: 10.6 };

/** The same of pipelines that wait for no other. */
export const SAVINGS_LACK_ALONE_PCT: SavingLack = { mean: 3.5, least: -0.1, most: 6.8 };

/**
 * A saving by a predicted profile, with the error that such savings were found to have. Where a profile
 * saves little it lacks little: no measured one lacked more than about what it saved.
 */
export function correctedSaving(savingPct: number, lack: SavingLack): SavingBand {
  const most = Math.max(0, savingPct);
  const corrected = (lackPct: number) => savingPct + Math.min(lackPct, most);
  return {
    predictedPct: corrected(lack.mean),
    lowPct: savingPct + Math.max(lack.least, -most),
    highPct: corrected(lack.most),
  };
}
