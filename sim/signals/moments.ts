/** A moment as written: on the clock of the world, on a clock on a wall, or counted from a start. */
export interface Moment {
  readonly base: 'world' | 'wall' | 'start';
  /** Seconds since 1970; for `wall` as if that clock showed UTC; for `start` since the start. */
  readonly timeS: number;
}

/** The order of numbers in dates such as 01/02/2024. */
export type DateOrder = 'day first' | 'month first';

/** A time of day, to the end of the text: `T01:02:03.5+01:00`, ` 1:02 PM`, ` 01:00 (CEST)`. */
const TIME =
  /^(?:[T ,]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(AM|PM)?)?\s*\(?\s*(Z|[A-Z]{3,4}|(?:UTC|GMT)?\s*[+-]\d{1,2}(?::?\d{2})?)?\s*\)?$/i;

const YEAR_FIRST = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)/;
const YEAR_LAST = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)/;
const COMPACT = /^(\d{4})()(\d{2})(\d{2})(?=[T ])/;

/** Names of zones that have one offset, in hours; others are ambiguous. */
const OFFSETS: Readonly<Record<string, number>> = {
  ...{ Z: 0, UTC: 0, GMT: 0, WET: 0, WEST: 1, CET: 1, CEST: 2, EET: 2, EEST: 3, MSK: 3 },
  ...{ EDT: -4, CDT: -5, PST: -8, PDT: -7, MDT: -6, JST: 9, AEST: 10, AEDT: 11 },
};

/** Units of numbers that count from 1970: the least that today can be in each. */
const SINCE_1970: readonly (readonly [least: number, perS: number])[] = [
  [1e18, 1e9],
  [1e15, 1e6],
  [1e12, 1e3],
  [1e9, 1],
];

/** Electricity has no prices by the hour before or after. */
const FIRST_YEAR = 1970;
const LAST_YEAR = 2200;

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * Reads a date and time, a number of seconds since 1970 (or of parts of seconds), or a number of
 * seconds since a start; undefined if the text is none of these.
 *
 * @param order of numbers in dates with slashes; dates with dots begin with the day.
 */
export function momentOf(text: string, order: DateOrder = 'day first'): Moment | undefined {
  const trimmed = text.trim();
  if (NUMBER.test(trimmed)) return countedMoment(Number(trimmed));
  const found = YEAR_FIRST.exec(trimmed) ?? COMPACT.exec(trimmed);
  if (found !== null) {
    const [all, year, , month, day] = found;
    return dated([year!, month!, day!], trimmed.slice(all.length));
  }
  const last = YEAR_LAST.exec(trimmed);
  if (last === null) return undefined;
  const [all, first, mark, second, year] = last;
  const isMonthFirst = mark === '/' && order === 'month first';
  const [day, month] = isMonthFirst ? [second!, first!] : [first!, second!];
  return dated([year!, month, day], trimmed.slice(all.length));
}

function countedMoment(value: number): Moment | undefined {
  const found = SINCE_1970.find(([least]) => value >= least && value < least * 10);
  if (found !== undefined) return { base: 'world', timeS: value / found[1] };
  return Math.abs(value) < 1e9 ? { base: 'start', timeS: value } : undefined;
}

function dated(date: readonly [string, string, string], rest: string): Moment | undefined {
  const [year, month, day] = date.map(Number) as [number, number, number];
  const time = TIME.exec(rest);
  if (time === null) return undefined;
  const [, hourText = '0', minute = '0', second = '0', half, zone] = time;
  const hour = halfDay(Number(hourText), half);
  // 24:00 is how some write the end of a day.
  const isTime = hour <= 24 && Number(minute) < 60 && Number(second) <= 60;
  const dayS = Date.UTC(year, month - 1, day) / 1000;
  const isYear = year >= FIRST_YEAR && year <= LAST_YEAR;
  const isDate = isYear && month >= 1 && month <= 12 && daysOf(year, month) >= day && day >= 1;
  if (!isTime || !isDate) return undefined;
  const timeS = dayS + 3600 * hour + 60 * Number(minute) + Number(second);
  if (zone === undefined) return { base: 'wall', timeS };
  const offsetS = offsetOf(zone);
  return offsetS === undefined ? undefined : { base: 'world', timeS: timeS - offsetS };
}

/** Days of a month. */
function daysOf(year: number, month: number): number {
  return (Date.UTC(year, month, 1) - Date.UTC(year, month - 1, 1)) / 86_400_000;
}

function halfDay(hour: number, half: string | undefined): number {
  if (half === undefined) return hour;
  return (hour % 12) + (half.toUpperCase() === 'PM' ? 12 : 0);
}

/** `CEST` → 7200, `+01:00` → 3600; undefined if the zone is unknown or means several. */
function offsetOf(zone: string): number | undefined {
  const named = OFFSETS[zone.toUpperCase()];
  if (named !== undefined) return 3600 * named;
  const parts = /([+-])(\d{1,2}):?(\d{2})?$/.exec(zone);
  if (parts === null) return undefined;
  const [, sign, hours, minutes = '0'] = parts;
  return (sign === '-' ? -1 : 1) * (3600 * Number(hours) + 60 * Number(minutes));
}

/** The order of numbers in dates with slashes, by those that allow only one; undefined if none does. */
export function dateOrderOf(texts: Iterable<string>): DateOrder | undefined {
  for (const text of texts) {
    const found = /^\s*(\d{1,2})\/(\d{1,2})\/\d{4}/.exec(text);
    if (found === null) continue;
    if (Number(found[1]) > 12) return 'day first';
    if (Number(found[2]) > 12) return 'month first';
  }
  return undefined;
}

/** Whether a text is a date whose day and month may be exchanged. */
export function isDateWithSlashes(text: string): boolean {
  return /^\s*\d{1,2}\/\d{1,2}\/\d{4}/.test(text);
}
