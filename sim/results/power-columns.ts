import type { PolicyPower, PoweredResult } from '../power/figures/run-power.js';
import { largestLines } from '../power/figures/spectrum.js';
import type { ResultRow } from './columns.js';
import { runRows } from './run-rows.js';

/** A column of power over time. */
interface PowerColumn {
  readonly unit: 'W' | 'W/s' | 'Hz' | 's' | '';
  /** A noun phrase, for the list of columns in docs/columns.md. */
  readonly doc: string;
  readonly of: (power: PolicyPower) => number | undefined;
}

/**
 * Columns that a run has after all others if it was asked for power over time: by the scenario's `grid`,
 * or by `--power`. Of the first seed.
 */
const POWER_COLUMNS = {
  power_mean_w: {
    ...{ unit: 'W', doc: 'Mean power of all GPUs over time' },
    of: ({ figures }) => figures.meanW,
  },
  power_p95_w: {
    ...{ unit: 'W', doc: 'Least power that is not exceeded 95 % of the time' },
    of: ({ figures }) => figures.p95W,
  },
  power_p99_w: {
    ...{ unit: 'W', doc: 'Least power that is not exceeded 99 % of the time' },
    of: ({ figures }) => figures.p99W,
  },
  power_peak_w: {
    ...{ unit: 'W', doc: 'Largest mean power of an interval' },
    of: ({ figures }) => figures.peakW,
  },
  power_swing_w: {
    ...{ unit: 'W', doc: 'Largest minus least power within an iteration' },
    of: ({ figures }) => figures.swingW,
  },
  power_sd_w: {
    ...{ unit: 'W', doc: 'Standard deviation of power over time' },
    of: ({ figures }) => figures.sdW,
  },
  ramp_up_1s_w_per_s: ramp(1, 'up'),
  ramp_down_1s_w_per_s: ramp(1, 'down'),
  ramp_up_5s_w_per_s: ramp(5, 'up'),
  ramp_down_5s_w_per_s: ramp(5, 'down'),
  ramp_up_10s_w_per_s: ramp(10, 'up'),
  ramp_down_10s_w_per_s: ramp(10, 'down'),
  grid_modes_w: {
    unit: 'W',
    doc: 'Amplitude of the sine that has the power of all swings from 0.1 to 2 Hz',
    of: ({ figures }) => figures.gridModes.totalW,
  },
  grid_modes_largest_w: {
    ...{ unit: 'W', doc: 'Largest amplitude of a single frequency from 0.1 to 2 Hz' },
    of: ({ figures }) => figures.gridModes.largestW,
  },
  grid_modes_largest_hz: {
    ...{ unit: 'Hz', doc: 'That frequency; empty if none lies there' },
    of: ({ figures }) => figures.gridModes.largestHz,
  },
  utility_band_w: {
    unit: 'W',
    doc: 'Amplitude of the sine that has the power of all swings from 0.1 to 20 Hz',
    of: ({ figures }) => figures.utilityBand.totalW,
  },
  reliable_to_hz: {
    ...{ unit: 'Hz', doc: 'Frequency above which swings are not to be believed' },
    of: ({ figures }) => figures.spectrum.reliableToHz,
  },
  grid_limits_broken: {
    ...{ unit: '', doc: 'Number of limits of `grid` that are broken; empty without `grid`' },
    of: ({ grid }) => grid?.checks.filter(({ isKept }) => !isKept).length,
  },
} as const satisfies Readonly<Record<string, PowerColumn>>;

/** Names and columns in order, for loops. */
export const POWER_COLUMN_ENTRIES: readonly (readonly [string, PowerColumn])[] =
  Object.entries(POWER_COLUMNS);

function ramp(overS: 1 | 5 | 10, way: 'up' | 'down'): PowerColumn {
  const name = way === 'up' ? 'rise' : 'fall';
  return {
    unit: 'W/s',
    doc: `Steepest ${name} of power within ${overS} s, over that time`,
    of: ({ figures }) => figures.rampsWPerS[overS][way].wPerS,
  };
}

/** Rows of results, with the figures of power over time if there are any. */
export function poweredRows(result: PoweredResult): Record<string, number | string | null>[] {
  const { power = [] } = result;
  return runRows(result).map((row: ResultRow) => {
    const ofPolicy = power.find(({ policy }) => policy === row.policy);
    if (ofPolicy === undefined) return row;
    const figures = POWER_COLUMN_ENTRIES.map(([name, { of }]): [string, number | null] => [
      name,
      of(ofPolicy) ?? null,
    ]);
    return { ...row, ...Object.fromEntries(figures) };
  });
}

/** Lines of a spectrum in JSON. */
const MOST_LINES = 20;

/** Power over time for JSON: figures with times, the largest lines of the spectrum, and the verdict. */
export function powerDocuments({ power = [] }: PoweredResult): object[] {
  return power.map(({ policy, figures: { spectrum, ...figures }, grid }) => ({
    policy,
    ...figures,
    spectrum: {
      stepHz: spectrum.stepHz,
      reliableToHz: spectrum.reliableToHz,
      largestLines: largestLines(spectrum, MOST_LINES),
    },
    ...(grid && { grid }),
  }));
}
