import { finite } from '../results/finite.js';

/** `1 stage`, `2 stages` */
export function count(n: number, noun: string, plural = 's'): string {
  return `${n} ${noun}${n === 1 ? '' : plural}`;
}

/** A number with this many digits after the point; never −0. */
export function fixed(value: number, digits: number): string {
  finite('in a table', value);
  // −0.00 is 0.00.
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace('-', '') : text;
}

/** An amount of money or goods, with two digits after the point if they matter. */
export function amount(value: number): string {
  return fixed(value, Math.abs(value) < 1000 ? 2 : 0);
}

/** The unit in which energies have one to four digits before the point. */
export interface EnergyUnit {
  readonly name: string;
  readonly joules: number;
}

const ENERGY_UNITS: readonly EnergyUnit[] = [
  { name: 'GJ', joules: 1e9 },
  { name: 'MJ', joules: 1e6 },
  { name: 'kJ', joules: 1e3 },
  { name: 'J', joules: 1 },
];

/** The unit that suits the largest of some energies. */
export function energyUnit(largestJ: number): EnergyUnit {
  return ENERGY_UNITS.find(({ joules }) => largestJ >= joules) ?? ENERGY_UNITS.at(-1)!;
}

/** The unit in which powers have one to four digits before the point. */
export interface PowerUnit {
  readonly name: string;
  readonly watts: number;
  /** Digits after the point with which powers of this size are told apart. */
  readonly digits: number;
}

const POWER_UNITS: readonly PowerUnit[] = [
  { name: 'GW', watts: 1e9, digits: 3 },
  { name: 'MW', watts: 1e6, digits: 3 },
  { name: 'kW', watts: 1e3, digits: 2 },
  { name: 'W', watts: 1, digits: 1 },
];

/** The unit that suits the largest of some powers. */
export function powerUnit(largestW: number): PowerUnit {
  return POWER_UNITS.find(({ watts }) => largestW >= watts) ?? POWER_UNITS.at(-1)!;
}

/** A number with at most six significant digits. */
function short(value: number): string {
  if (Number.isNaN(value)) return '—';
  return Math.abs(value) >= 1e6 || (value !== 0 && Math.abs(value) < 1e-3)
    ? value.toExponential(4)
    : String(Number(value.toPrecision(6)));
}

/** A value of a column, for people. */
export function valueText(value: unknown): string {
  if (typeof value === 'number') return short(value);
  if (value === null || value === undefined) return '—';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
