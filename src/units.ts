/**
 * Units. Every quantity in pipewatt carries its unit in its name (`timeS`, `energyJ`, `powerW`,
 * `frequencyMHz`, `durationTicks`); every conversion between units is one of the functions below.
 *
 * A *tick* is one whole unit time τ of the planner.
 */

/** Guards a quotient that is whole except for rounding (0.3 s / 0.001 s = 299.99999999999994). */
const WHOLE_TOLERANCE = 1e-9;

/**
 * The whole ticks that fit into a time: floor(time / τ), the quantisation of the reference planner.
 */
export function ticksFromSeconds(timeS: number, unitTimeS: number): number {
  return Math.floor(timeS / unitTimeS + WHOLE_TOLERANCE);
}

/** A number of ticks in seconds. */
export function secondsFromTicks(ticks: number, unitTimeS: number): number {
  return ticks * unitTimeS;
}

/** Joules in kilowatt-hours, for display. */
export function kilowattHours(energyJ: number): number {
  return energyJ / 3.6e6;
}

/** Seconds in milliseconds, for display. */
export function milliseconds(timeS: number): number {
  return timeS * 1e3;
}

/** `part` of `whole` as a percentage. */
export function percent(part: number, whole: number): number {
  return (100 * part) / whole;
}

/**
 * Percentages nearer to zero than this are rounding errors of a zero: sums of a million terms in
 * two orders differ by less.
 */
const ROUNDING_PCT = 1e-9;

/** A percentage, or 0 if it is nothing but rounding. */
export function withoutRounding(pct: number): number {
  return Math.abs(pct) < ROUNDING_PCT ? 0 : pct;
}

/**
 * The increase of a value over a base, in percent of the base; exactly 0 if they are equal except
 * for rounding.
 */
export function percentMore(value: number, base: number): number {
  return withoutRounding(percent(value, base) - 100);
}
