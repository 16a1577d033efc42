import { QUANTITIES, type Quantity, type QuantityName } from './quantities.js';

/** The known facts about a kind of quantity, by its name. */
export function quantity(name: QuantityName): Quantity {
  return QUANTITIES[name];
}

/** Whether a quantity may have this value. */
export function isPlausible({ least, most, orZero }: Quantity, value: number): boolean {
  return (value >= least && value <= most) || (orZero === true && value === 0);
}

/** The allowed range: `a number from 100 to 4000 MHz`. */
export function allowedRange({ unit, least, most, orZero }: Quantity): string {
  const zero = orZero === true ? '0 or ' : '';
  return `${zero}a number from ${least} to ${most}${unit === '' ? '' : ` ${unit}`}`;
}

/** The unit in which a value beyond the bounds was probably written, as advice; '' if none fits. */
function unitAdvice(of: Quantity, value: number): string {
  const fits = of.otherUnits.find(({ factor }) => isUsual(of, value * factor));
  if (fits === undefined) return '';
  const proper = of.unit === '' ? '' : ` (${of.unit})`;
  return `; that looks like ${fits.name}: write ${readable(value * fits.factor)}${proper}`;
}

/**
 * Judges a value.
 * @returns undefined if it is possible, else the expected range and the likely unit.
 */
export function implausible(name: QuantityName, value: number): string | undefined {
  const of = quantity(name);
  if (isPlausible(of, value)) return undefined;
  return expectation(of, value);
}

/**
 * The expectation for a quantity with an impossible value: the bounds, the reason, the likely unit.
 */
export function expectation(of: Quantity, value: number): string {
  return `${allowedRange(of)} (${of.why})${unitAdvice(of, value)}`;
}

/** Whether a value lies in the range of nearly all quantities of its kind. */
export function isUsual({ usual: [least, most] }: Quantity, value: number): boolean {
  return value >= least && value <= most;
}

/** A converted value, without the rounding error of the conversion. */
export function readable(value: number): number {
  return Number(value.toPrecision(6));
}
