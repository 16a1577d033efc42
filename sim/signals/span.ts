import { least, most } from '../../src/extremes.js';
import { foundValue, type ProblemList } from '../../src/problem-list.js';
import type { Signals, WrittenMoment } from '../scenario/signals-schema.js';
import { momentOf } from './moments.js';
import type { Signal } from './read-signal.js';
import { wallText, type ZoneClock } from './zone-clock.js';

/** Part of the time of a schedule, in seconds from its beginning. */
export interface Span {
  readonly fromS: number;
  readonly untilS: number;
}

/** The time of a schedule. */
export interface ScheduleSpan {
  /** Since 1970; undefined if times are counted from the beginning. */
  readonly startS: number | undefined;
  readonly durationS: number;
  /** The requests of the grid. */
  readonly events: readonly Span[];
  readonly clock: ZoneClock;
}

const HOUR_S = 3600;

/**
 * The time of a schedule, and of the requests within it.
 * @param problems receives all that is wrong with its dates.
 * @throws InputError if they cannot be understood.
 */
export function scheduleSpan(
  signals: Signals,
  files: readonly Signal[],
  clock: ZoneClock,
  problems: ProblemList,
): ScheduleSpan {
  const { from, until, hours } = signals;
  const dated = files.filter(({ isDated }) => isDated);
  const isDated =
    dated.length > 0 ||
    (from !== undefined && isDate(from)) ||
    (until !== undefined && isDate(until));
  const at = (written: WrittenMoment, field: string, startS: number) =>
    timeOf(written, field, { isDated, startS, clock }, problems);
  const firstS = most([isDated ? -Infinity : 0, ...dated.map(({ startS }) => startS[0]!)]);
  const startS = from === undefined ? firstS : at(from, 'signals.from', 0);
  if (startS === -Infinity) {
    problems.add('is missing, expected the date when the job may begin', { field: 'signals.from' });
  }
  if (until !== undefined && hours !== undefined) {
    problems.add('does not go with signals.until; choose one', { field: 'signals.hours' });
  }
  problems.throwIfAny();
  const lastS = least([
    Infinity,
    ...files.map((file) => file.untilS.at(-1)! + (isDated && !file.isDated ? startS : 0)),
  ]);
  const endS =
    until === undefined
      ? hours === undefined
        ? lastS
        : startS + hours * HOUR_S
      : at(until, 'signals.until', startS);
  const field = until === undefined && hours !== undefined ? 'signals.hours' : 'signals.until';
  if (endS === Infinity) {
    problems.add('is missing, expected the date when the work must be done, or signals.hours', {
      field,
    });
  } else if (endS <= startS) {
    problems.add('comes before the job may begin', { field });
  } else if (endS - startS > MOST_HOURS * HOUR_S) {
    problems.add(
      `is ${Math.round((endS - startS) / HOUR_S)} hours after the beginning, expected at most ${MOST_HOURS}`,
      { field },
    );
  }
  problems.throwIfAny();
  const span = { startS: isDated ? startS : undefined, durationS: endS - startS, clock };
  const momentAt = (written: WrittenMoment, place: string) => at(written, place, startS) - startS;
  return { ...span, events: eventsOf(signals, span, momentAt, problems) };
}

/** The requests of the grid, in seconds from the beginning. */
function eventsOf(
  { events }: Signals,
  span: Omit<ScheduleSpan, 'events'>,
  momentAt: (written: WrittenMoment, field: string) => number,
  problems: ProblemList,
): readonly Span[] {
  const spans = events.map((event, k) => {
    const place = `signals.events[${k}]`;
    const fromS = momentAt(event.from, `${place}.from`);
    const untilS = momentAt(event.until, `${place}.until`);
    if (untilS <= fromS) problems.add('ends before it begins', { field: `${place}.until` });
    else if (untilS <= 0 || fromS >= span.durationS) {
      const during = spanText(span, { fromS: 0, untilS: span.durationS });
      problems.add(`is not within the time of the schedule, ${during}`, { field: place });
    }
    return { fromS, untilS };
  });
  const sorted = spans.toSorted((a, b) => a.fromS - b.fromS);
  if (sorted.some(({ fromS }, k) => k > 0 && fromS < sorted[k - 1]!.untilS)) {
    problems.add('overlap; give each time one request', { field: 'signals.events' });
  }
  problems.throwIfAny();
  return spans;
}

/** Ten years. */
const MOST_HOURS = 87_600;

function isDate(written: WrittenMoment): boolean {
  return (momentOf(String(written))?.base ?? 'start') !== 'start';
}

/** The way in which times are counted. */
interface Counting {
  readonly isDated: boolean;
  readonly startS: number;
  readonly clock: ZoneClock;
}

/** A time as the files count it; NaN if it cannot be understood, which is a problem. */
function timeOf(
  written: WrittenMoment,
  field: string,
  { isDated, clock }: Counting,
  problems: ProblemList,
): number {
  const moment = momentOf(String(written));
  if (moment !== undefined && isDated === (moment.base !== 'start')) {
    if (moment.base !== 'wall') return moment.timeS;
    const [timeS] = clock.momentsOf(moment.timeS);
    if (timeS !== undefined) return timeS;
    problems.add(
      `found ${foundValue(written)}, a time that no clock in ${clock.zone} shows: it is set forward over it`,
      { field },
    );
    return NaN;
  }
  const expected = isDated
    ? 'a date such as 2026-03-01T06:00Z'
    : 'seconds from the beginning, as the files count them';
  problems.add(`found ${foundValue(written)}, expected ${expected}`, { field });
  return NaN;
}

/** The moment of a schedule as its readers see it: `2026-03-01 06:00`, or hours from the beginning. */
export function timeText(
  { startS, clock }: Pick<ScheduleSpan, 'startS' | 'clock'>,
  atS: number,
): string {
  if (startS !== undefined) return wallText(clock.wallOf(startS + atS));
  const hours = Math.floor(atS / HOUR_S);
  const minutes = Math.floor((atS - hours * HOUR_S) / 60);
  return `${hours}:${String(minutes).padStart(2, '0')} h`;
}

/** `2026-03-01 06:00 to 2026-03-01 09:00` */
export function spanText(
  span: Pick<ScheduleSpan, 'startS' | 'clock'>,
  { fromS, untilS }: Span,
): string {
  return `${timeText(span, fromS)} to ${timeText(span, untilS)}`;
}
