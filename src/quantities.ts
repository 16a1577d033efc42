import { POWER_QUANTITIES } from './power-quantities.js';
import { FLATTENING_QUANTITIES } from './flattening-quantities.js';

/**
 * Bounds of physical quantities, and the units that are often confused. Readers of files, schemas
 * and options all use this table, so that a quantity is judged the same wherever it is written.
 */

/**
 * A unit in which a quantity is often written by mistake; one of it is `factor` of the proper unit.
 */
export interface OtherUnit {
  readonly name: string;
  readonly factor: number;
}

/** The known facts about a kind of quantity. */
export interface Quantity {
  /** As written in messages; '' for plain numbers. */
  readonly unit: string;
  readonly least: number;
  readonly most: number;
  /** Whether zero is allowed although it is below `least`. */
  readonly orZero?: true;
  /** The range of nearly all values: converting from a guessed unit must lead into it. */
  readonly usual: readonly [number, number];
  /** The source of the bounds. */
  readonly why: string;
  readonly otherUnits: readonly OtherUnit[];
}

/** Units of time besides the second, the likeliest first. */
export const TIMES: readonly OtherUnit[] = [
  { name: 'ms', factor: 1e-3 },
  { name: 'µs', factor: 1e-6 },
  { name: 'ns', factor: 1e-9 },
];
const POWERS: readonly OtherUnit[] = [
  { name: 'kW', factor: 1e3 },
  { name: 'mW', factor: 1e-3 },
  { name: 'µW', factor: 1e-6 },
];
/** Units of energy besides the joule, the likeliest first. */
export const ENERGIES: readonly OtherUnit[] = [
  { name: 'mJ', factor: 1e-3 },
  { name: 'kJ', factor: 1e3 },
  { name: 'µJ', factor: 1e-6 },
  { name: 'Wh', factor: 3600 },
  { name: 'MJ', factor: 1e6 },
  { name: 'kWh', factor: 3.6e6 },
];
const CLOCKS: readonly OtherUnit[] = [
  { name: 'GHz', factor: 1e3 },
  { name: 'kHz', factor: 1e-3 },
  { name: 'Hz', factor: 1e-6 },
];
const MEGABYTES: readonly OtherUnit[] = [
  { name: 'bytes', factor: 1e-6 },
  { name: 'kB', factor: 1e-3 },
  { name: 'GB', factor: 1e3 },
];
const GIGABYTES: readonly OtherUnit[] = [
  { name: 'MB', factor: 1e-3 },
  { name: 'bytes', factor: 1e-9 },
  { name: 'TB', factor: 1e3 },
];
const RATES: readonly OtherUnit[] = [
  { name: 'MB/s', factor: 1e-3 },
  { name: 'bytes/s', factor: 1e-9 },
  { name: 'TB/s', factor: 1e3 },
  { name: 'bit/s', factor: 1.25e-10 },
];
const FRACTIONS: readonly OtherUnit[] = [{ name: 'percent', factor: 0.01 }];
const LINK_WHY = 'GPU links move megabytes to terabytes per second';

/** Every kind of quantity that is read. */
export const QUANTITIES = {
  /** Of one instruction on one GPU, before `scale`. */
  instructionTimeS: {
    ...{ unit: 's', least: 1e-6, most: 100, usual: [3e-4, 20], otherUnits: TIMES },
    why: 'kernels take microseconds, and no instruction takes minutes',
  },
  /** Of one instruction on one GPU: follows from the bounds of time and power. */
  instructionEnergyJ: {
    ...{ unit: 'J', least: 1e-5, most: 3e5, usual: [0.01, 2e4], otherUnits: ENERGIES },
    why: 'a GPU draws 15 to 3000 W while it computes',
  },
  /** Mean power of a GPU while it computes. */
  computingPowerW: {
    ...{ unit: 'W', least: 15, most: 3000, usual: [20, 1500], otherUnits: POWERS },
    why: 'GPUs draw this much while they compute',
  },
  /** Of a GPU that waits, sends or receives. */
  waitingPowerW: {
    ...{ unit: 'W', least: 1, most: 2000, usual: [10, 500], otherUnits: POWERS },
    why: 'GPUs draw this much while they wait',
  },
  /** The power limit of a board. */
  powerLimitW: {
    ...{ unit: 'W', least: 15, most: 3000, usual: [60, 1500], otherUnits: POWERS },
    why: 'GPUs have limits in this range',
  },
  jobPowerW: {
    ...{ unit: 'W', least: 1, most: 1e11, usual: [1e3, 1e9] },
    otherUnits: [
      { name: 'MW', factor: 1e6 },
      { name: 'mW', factor: 1e-3 },
    ],
    why: 'no site has more',
  },
  /** Of a whole site. */
  siteMW: {
    ...{ unit: 'MW', least: 1e-4, most: 1e5, usual: [0.01, 1e4] },
    otherUnits: [
      { name: 'kW', factor: 1e-3 },
      { name: 'W', factor: 1e-6 },
      { name: 'GW', factor: 1e3 },
    ],
    why: 'one GPU draws a thousandth of a megawatt, and no site has a hundred gigawatts',
  },
  /** The worth of a job's speed beside that of others. */
  jobWeight: {
    ...{ unit: '', least: 1e-9, most: 1e15, usual: [1e-3, 1e9], otherUnits: [] },
    why: 'a job of no worth needs no power',
  },
  /** Of a job, over its speed at the highest clocks. */
  leastSpeed: {
    ...{ unit: '', least: 1e-3, most: 1, orZero: true as const, usual: [0.01, 1] },
    otherUnits: FRACTIONS,
    why: 'a part of the speed at the highest clocks',
  },
  tokensPerDay: {
    ...{ unit: '', least: 1, most: 1e18, usual: [1e6, 1e16], otherUnits: [] },
    why: 'jobs train on millions to quadrillions a day',
  },
  ...POWER_QUANTITIES,
  ...FLATTENING_QUANTITIES,
  /** Of a node besides its GPUs, per GPU. */
  overheadWPerGpu: {
    ...{ unit: 'W', least: 1, most: 3000, orZero: true as const, usual: [50, 1500] },
    otherUnits: POWERS,
    why: 'the processors, memory, network and fans of a node draw less per GPU',
  },
  /** Power usage effectiveness: power of a site over that of its computers. */
  pue: {
    ...{ unit: '', least: 1, most: 3, usual: [1.01, 2.5], otherUnits: FRACTIONS },
    why: 'power of the site over power of its computers: 1 means no cooling at all',
  },
  clockMHz: {
    ...{ unit: 'MHz', least: 100, most: 4000, usual: [200, 3000], otherUnits: CLOCKS },
    why: 'GPUs have clocks in this range',
  },
  clockStepMHz: {
    ...{ unit: 'MHz', least: 0.05, most: 4000, usual: [5, 500], otherUnits: CLOCKS },
    why: 'GPU clocks have steps in this range',
  },
  /** Of one event within an iteration. */
  overheadS: {
    ...{ unit: 's', least: 0, most: 1000, usual: [1e-6, 10], otherUnits: TIMES },
    why: 'no step of an iteration takes longer',
  },
  latencyS: {
    ...{ unit: 's', least: 0, most: 1, usual: [1e-7, 0.1] },
    otherUnits: [TIMES[1]!, TIMES[0]!, TIMES[2]!],
    why: 'messages go around the world in less',
  },
  clockSwitchS: {
    ...{ unit: 's', least: 0, most: 5, usual: [1e-5, 0.5], otherUnits: TIMES },
    why: 'drivers set clocks in milliseconds',
  },
  /** Within a run. */
  durationS: {
    ...{ unit: 's', least: 0, most: 1e9, usual: [1, 1e7], otherUnits: TIMES },
    why: 'no run takes 30 years',
  },
  /** Of one GPU, with its share of nodes, links and software. */
  faultsPerGpuHour: {
    ...{ unit: '/h', least: 1e-9, most: 0.01, usual: [1e-7, 1e-3] },
    otherUnits: [
      { name: 'faults per day', factor: 1 / 24 },
      { name: 'faults per year', factor: 1 / 8760 },
    ],
    why: 'a GPU has a fault in months to decades',
  },
  mtbfGpuHours: {
    ...{ unit: 'h', least: 100, most: 1e9, usual: [1e3, 1e7] },
    otherUnits: [
      { name: 'years', factor: 8760 },
      { name: 's', factor: 1 / 3600 },
      { name: 'days', factor: 24 },
    ],
    why: 'a GPU has a fault in months to decades',
  },
  days: {
    ...{ unit: 'days', least: 0.01, most: 3650, usual: [1, 400] },
    otherUnits: [
      { name: 's', factor: 1 / 86_400 },
      { name: 'h', factor: 1 / 24 },
    ],
    why: 'no job takes ten years',
  },
  unitTimeS: {
    ...{ unit: 's', least: 1e-8, most: 10, usual: [1e-6, 0.1], otherUnits: TIMES },
    why: 'a unit time is a small part of an instruction',
  },
  messageMB: {
    ...{ unit: 'MB', least: 0, most: 2e4, usual: [0.1, 1e4], otherUnits: MEGABYTES },
    why: 'the output of a stage for a microbatch fits into the memory of a GPU',
  },
  gradientsMB: {
    ...{ unit: 'MB', least: 0, most: 1e6, usual: [1, 3e5], otherUnits: MEGABYTES },
    why: 'gradients fit into the memory of a GPU',
  },
  bandwidthGBs: {
    ...{ unit: 'GB/s', least: 1e-3, most: 1e4, usual: [0.1, 4000], otherUnits: RATES },
    why: LINK_WHY,
  },
  scale: {
    ...{ unit: '', least: 1e-3, most: 1e4, usual: [0.1, 1000], otherUnits: FRACTIONS },
    why: 'the profiled work is part or all of the real work',
  },
  slowdown: {
    ...{ unit: '', least: 1, most: 100, usual: [1, 10], otherUnits: FRACTIONS },
    why: 'a factor on the time; 1.2 is 20 % slower',
  },
  /** Standard deviations and other fractions of one. */
  fraction: {
    ...{ unit: '', least: 0, most: 1, usual: [0, 1], otherUnits: FRACTIONS },
    why: 'a part of one',
  },
  scatter: {
    ...{ unit: '', least: 0, most: 0.5, usual: [0, 0.5], otherUnits: FRACTIONS },
    why: 'a part of one',
  },
  efficiency: {
    ...{ unit: '', least: 1e-3, most: 1, usual: [0.05, 1], otherUnits: FRACTIONS },
    why: 'a part of one',
  },
  /** A fraction below one: something must remain. */
  share: {
    ...{ unit: '', least: 0.01, most: 0.99, usual: [0.01, 0.99], otherUnits: FRACTIONS },
    why: 'a part of one',
  },
  /** The standard deviation of lengths, and the 99th percentile, both relative to the mean. */
  lengthScatter: {
    ...{ unit: '', least: 1e-3, most: 2, usual: [0.01, 2], otherUnits: FRACTIONS },
    why: 'relative to the mean',
  },
  lengthPercentile: {
    ...{ unit: '', least: 1, most: 20, usual: [1, 5], otherUnits: FRACTIONS },
    why: 'relative to the mean',
  },
  /** Of a stage, relative to the profile's. */
  workFactor: {
    ...{ unit: '', least: 1e-3, most: 1e3, usual: [0.1, 10], otherUnits: FRACTIONS },
    why: "multiples of the profile's work",
  },
  /** In blocks of the model. */
  relativeWork: {
    ...{ unit: '', least: 0, most: 1e4, usual: [0.01, 100], otherUnits: FRACTIONS },
    why: 'no layer is that much more work than others',
  },
  pricePerKWh: {
    ...{ unit: '', least: 1e-3, most: 1e6, orZero: true as const, usual: [0.01, 1] },
    otherUnits: [
      { name: 'a price per MWh', factor: 1e-3 },
      { name: 'a price per Wh', factor: 1e3 },
    ],
    why: 'energy has no such price in any currency',
  },
  /** In currencies in which a kilowatt-hour costs between 0.01 and 1. */
  usualPricePerKWh: {
    ...{ unit: '', least: 1e-3, most: 5, orZero: true as const, usual: [0.01, 1] },
    otherUnits: [
      { name: 'a price per MWh', factor: 1e-3 },
      { name: 'a price per Wh', factor: 1e3 },
      { name: 'cents', factor: 0.01 },
    ],
    why: 'a kilowatt-hour has no such price',
  },
  carbonGPerKWh: {
    ...{ unit: 'g', least: 1, most: 3000, orZero: true as const, usual: [3, 1500] },
    otherUnits: [
      { name: 'kg', factor: 1e3 },
      { name: 'g per MWh', factor: 1e-3 },
    ],
    why: 'the dirtiest coal emits half of that',
  },
  peakTflops: {
    ...{ unit: 'TFLOP/s', least: 5, most: 1e5, usual: [20, 2e4] },
    otherUnits: [
      { name: 'PFLOP/s', factor: 1e3 },
      { name: 'GFLOP/s', factor: 1e-3 },
      { name: 'FLOP/s', factor: 1e-12 },
    ],
    why: 'GPUs reach tens to thousands in half precision',
  },
  memoryBandwidthGBs: {
    ...{ unit: 'GB/s', least: 50, most: 1e5, usual: [200, 4e4], otherUnits: RATES },
    why: 'GPU memories reach hundreds to ten thousand',
  },
  memoryGB: {
    ...{ unit: 'GB', least: 2, most: 5000, usual: [8, 1200], otherUnits: GIGABYTES },
    why: 'GPUs have gigabytes of memory',
  },
  parametersB: {
    ...{ unit: '10⁹', least: 1e-3, most: 1e5, usual: [0.05, 2e4] },
    otherUnits: [
      { name: 'a plain count', factor: 1e-9 },
      { name: 'millions', factor: 1e-3 },
      { name: 'trillions', factor: 1e3 },
    ],
    why: 'models have millions to trillions',
  },
  /** Of a measured iteration. */
  iterationTimeS: {
    ...{ unit: 's', least: 1e-4, most: 1e4, usual: [0.05, 1000], otherUnits: TIMES },
    why: 'no iteration takes hours',
  },
  /** Of all GPUs of a job, or of one of them. */
  iterationEnergyJ: {
    ...{ unit: 'J', least: 1e-2, most: 1e12, usual: [1, 1e10], otherUnits: ENERGIES },
    why: 'no job uses so little or so much in an iteration',
  },
} satisfies Readonly<Record<string, Quantity>>;

export type QuantityName = keyof typeof QUANTITIES;
