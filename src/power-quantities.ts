import type { Quantity } from './quantities.js';

/** Kinds of quantities of power over time; a part of `QUANTITIES`. */
export const POWER_QUANTITIES = {
  /** A change of the power of a job or site over time. */
  rampWPerS: {
    ...{ unit: 'W/s', least: 1e-3, most: 1e12, usual: [1, 1e10] },
    otherUnits: [
      { name: 'MW/s', factor: 1e6 },
      { name: 'MW/min', factor: 1e6 / 60 },
    ],
    why: 'no site changes faster',
  },
  /** The same as utilities write it. */
  rampMWPerMin: {
    ...{ unit: 'MW/min', least: 1e-6, most: 1e8, usual: [1e-3, 1e5] },
    otherUnits: [{ name: 'W/s', factor: 60e-6 }],
    why: 'no site changes faster',
  },
  /** Of swings of power. */
  swingHz: {
    ...{ unit: 'Hz', least: 1e-6, most: 1e4, usual: [1e-3, 1e3] },
    otherUnits: [{ name: 'mHz', factor: 1e-3 }],
    why: 'instructions take about a millisecond',
  },
  /** Over which a ramp is limited. */
  rampTimeS: {
    ...{
      unit: 's',
      least: 1e-3,
      most: 1e6,
      usual: [0.1, 3600],
      otherUnits: [{ name: 'ms', factor: 1e-3 }],
    },
    why: 'ramps are limited over seconds to hours',
  },
  percent: {
    ...{ unit: '%', least: 1e-3, most: 100, usual: [0.1, 100] },
    otherUnits: [],
    why: 'a part of the peak',
  },
} satisfies Readonly<Record<string, Quantity>>;
