import type { Quantity } from './quantities.js';

/** Kinds of quantity of what flattens power over time; part of `QUANTITIES`. */
export const FLATTENING_QUANTITIES = {
  /** Percent of a power. */
  powerPct: {
    ...{ unit: '%', least: 1, most: 100, usual: [5, 100] },
    otherUnits: [{ name: 'a part of one', factor: 100 }],
    why: 'a part of the power in percent',
  },
  /** A change of the power of one GPU over time. */
  gpuRampWPerS: {
    ...{ unit: 'W/s', least: 0.1, most: 1e6, usual: [1, 1e5] },
    otherUnits: [
      { name: 'mW/s', factor: 1e-3 },
      { name: 'kW/s', factor: 1e3 },
    ],
    why: 'a GPU has hundreds of watts, and ramps last milliseconds to minutes',
  },
  hysteresisMs: {
    ...{ unit: 'ms', least: 0, most: 3.6e6, usual: [1, 6e5] },
    otherUnits: [{ name: 's', factor: 1e3 }],
    why: 'a floor is held for milliseconds to minutes',
  },
  /** Of all storage of a job. */
  storageKWh: {
    ...{ unit: 'kWh', least: 1e-6, most: 1e7, usual: [1e-3, 1e6] },
    otherUnits: [
      { name: 'MWh', factor: 1e3 },
      { name: 'Wh', factor: 1e-3 },
      { name: 'J', factor: 1 / 3.6e6 },
    ],
    why: 'capacitors hold watt-hours, and the largest batteries gigawatt-hours',
  },
  storageKW: {
    ...{ unit: 'kW', least: 1e-3, most: 1e8, usual: [0.1, 1e6] },
    otherUnits: [
      { name: 'W', factor: 1e-3 },
      { name: 'MW', factor: 1e3 },
    ],
    why: 'no site has more',
  },
  chargePct: {
    ...{ unit: '%', least: 0, most: 100, usual: [0, 100] },
    otherUnits: [{ name: 'a part of one', factor: 100 }],
    why: 'a part of the capacity in percent',
  },
  /** A change of the power of a job over time. */
  storageRampWPerS: {
    ...{ unit: 'W/s', least: 1e-3, most: 1e12, usual: [1, 1e10] },
    otherUnits: [
      { name: 'MW/s', factor: 1e6 },
      { name: 'MW/min', factor: 1e6 / 60 },
    ],
    why: 'no site changes faster',
  },
  /** An interval of power over time. */
  sampleS: {
    ...{
      unit: 's',
      least: 1e-4,
      most: 3600,
      usual: [1e-3, 60],
      otherUnits: [{ name: 'ms', factor: 1e-3 }],
    },
    why: 'instructions take about a millisecond, and nobody meters less often than hourly',
  },
} satisfies Readonly<Record<string, Quantity>>;
