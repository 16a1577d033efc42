/** The clocks on the walls of a zone, with their summer time. */
export interface ZoneClock {
  readonly zone: string;
  /**
   * The moments at which a clock shows this time, earliest first: none when it is set forward over
   * it, two when it is set back.
   * @param wallS seconds since 1970 as if the clock showed UTC.
   */
  momentsOf(wallS: number): readonly number[];
  /** The time that the clock shows at a moment. */
  wallOf(timeS: number): number;
}

const DAY_S = 86_400;

/** The clock of a zone such as `Europe/Berlin`; undefined if there is no such zone. */
export function zoneClock(zone: string): ZoneClock | undefined {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      ...{ timeZone: zone, hourCycle: 'h23', era: 'short', year: 'numeric', month: 'numeric' },
      ...{ day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
  } catch {
    return undefined;
  }
  const offsets = new Map<number, number>();
  const offsetAt = (timeS: number): number => {
    // Offsets change at whole quarters of hours.
    const quarter = Math.floor(timeS / 900);
    const known = offsets.get(quarter);
    if (known !== undefined) return known;
    const found = wallAt(format, quarter * 900) - quarter * 900;
    offsets.set(quarter, found);
    return found;
  };
  return {
    zone,
    momentsOf: (wallS) => {
      const around = [offsetAt(wallS - DAY_S), offsetAt(wallS + DAY_S)];
      return [...new Set(around)]
        .map((offsetS) => ({ timeS: wallS - offsetS, offsetS }))
        .filter(({ timeS, offsetS }) => offsetAt(timeS) === offsetS)
        .map(({ timeS }) => timeS)
        .sort((a, b) => a - b);
    },
    wallOf: (timeS) => timeS + offsetAt(timeS),
  };
}

function wallAt(format: Intl.DateTimeFormat, timeS: number): number {
  const parts = new Map(
    format.formatToParts(timeS * 1000).map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type)!;
  return (
    Date.UTC(
      ...([part('year'), part('month') - 1, part('day')] as const),
      ...([part('hour'), part('minute'), part('second')] as const),
    ) / 1000
  );
}

/** Days from the first of March of the year 0, where the calendar of leap years begins, to 1970. */
const DAYS_TO_1970 = 719_468;
const DAYS_OF_400_YEARS = 146_097;

/** `2026-03-01 06:00`, with seconds if there are any. */
export function wallText(wallS: number): string {
  const wholeS = Math.round(wallS);
  const day = Math.floor(wholeS / DAY_S);
  const ofDayS = wholeS - day * DAY_S;
  const two = (value: number) => String(value).padStart(2, '0');
  const time = `${two(Math.floor(ofDayS / 3600))}:${two(Math.floor(ofDayS / 60) % 60)}`;
  return `${dateText(day)} ${time}${ofDayS % 60 === 0 ? '' : `:${two(ofDayS % 60)}`}`;
}

/** The date of a day, counted from 1970. */
function dateText(day: number): string {
  const all = day + DAYS_TO_1970;
  const era = Math.floor(all / DAYS_OF_400_YEARS);
  const ofEra = all - era * DAYS_OF_400_YEARS;
  const leaps = Math.floor(ofEra / 1460) - Math.floor(ofEra / 36_524) + Math.floor(ofEra / 146_096);
  const year = Math.floor((ofEra - leaps) / 365);
  const ofYear = ofEra - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const fromMarch = Math.floor((5 * ofYear + 2) / 153);
  const date = ofYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const full = era * 400 + year + (month <= 2 ? 1 : 0);
  const padded = (value: number, width: number) => String(value).padStart(width, '0');
  return `${padded(full, 4)}-${padded(month, 2)}-${padded(date, 2)}`;
}
