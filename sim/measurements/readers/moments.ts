import type { ProblemList } from '../../../src/problem-list.js';
import type { TimeBase } from '../measured.js';

/** A moment as written in a log. */
interface Moment {
  readonly timeS: number;
  readonly base: TimeBase;
}

/** `2026/11/27 01:02:03.456`, `2026-11-27T01:02:03.456789+01:00`, `20261127 01:02:03` */
const WRITTEN =
  /^(\d{4})([-/]?)(\d{2})\2(\d{2})[T ]+(\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$/i;

/**
 * Units of numbers that count from 1970, by the power of ten of today's: in seconds, it has been
 * between 10⁹ and 10¹⁰ since 2001.
 */
const SINCE_1970: readonly (readonly [least: number, perS: number])[] = [
  [1e18, 1e9],
  [1e15, 1e6],
  [1e12, 1e3],
  [1e9, 1],
];

/**
 * Reads a date and time, or a number of seconds, milliseconds, microseconds or nanoseconds since
 * 1970, or of seconds since anything else; undefined if the text is neither.
 */
export function momentOf(text: string): Moment | undefined {
  const trimmed = text.trim();
  if (/^[+]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)) {
    const value = Number(trimmed);
    const found = SINCE_1970.find(([least]) => value >= least && value < least * 10);
    if (found !== undefined) return { timeS: value / found[1], base: 'epoch' };
    return value < 1e9 ? { timeS: value, base: 'unknown' } : undefined;
  }
  const parts = WRITTEN.exec(trimmed);
  return parts === null ? undefined : writtenMoment(parts);
}

function writtenMoment(parts: RegExpExecArray): Moment | undefined {
  const [, year, , month, day, hour, minute, second, fraction = '', zone] = parts;
  const numbers = [year, month, day, hour, minute, second].map(Number);
  const [y, mo, d, h, mi, s] = numbers as [number, number, number, number, number, number];
  const wholeS = Date.UTC(y, mo - 1, d, h, mi, s) / 1000;
  const isDate = mo >= 1 && mo <= 12 && d >= 1 && d <= 31 && h < 24 && mi < 60 && s <= 60;
  if (!isDate || !Number.isFinite(wholeS)) return undefined;
  const timeS = wholeS + (fraction === '' ? 0 : Number(`0.${fraction}`));
  if (zone === undefined) return { timeS, base: 'local' };
  return { timeS: timeS - offsetS(zone), base: 'epoch' };
}

/** `+01:00` → 3600 */
function offsetS(zone: string): number {
  const parts = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (parts === null) return 0;
  const [, sign, hours, minutes] = parts;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
}

/** The base of all times of a file; several are a problem. */
export function oneBase(bases: ReadonlySet<TimeBase>, problems: ProblemList): TimeBase {
  if (bases.size > 1) {
    problems.add(
      'some times have a zone or count from 1970, others do not; write all of them in one way',
    );
  }
  return [...bases][0] ?? 'unknown';
}

/** A note on times whose distance from those of other files is unknown. */
export function baseNotes(base: TimeBase): string[] {
  if (base === 'epoch') return [];
  return base === 'local'
    ? ['times are local, without a zone; logs of other programs may be hours off']
    : ['times do not count from 1970; they fit no other file that counts from another moment'];
}
