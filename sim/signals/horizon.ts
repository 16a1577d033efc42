import { InputError } from '../../src/errors.js';
import { ProblemList } from '../../src/problem-list.js';
import type { Signals } from '../scenario/signals-schema.js';
import type { Signal } from './read-signal.js';
import type { SignalName } from './signal-kinds.js';
import { scheduleSpan, spanText, type ScheduleSpan, type Span } from './span.js';
import type { ZoneClock } from './zone-clock.js';

/** An interval in which no signal changes, in seconds from the beginning of the schedule. */
export interface Interval extends Span {
  /** Money for a MWh; undefined if no price is known. */
  readonly pricePerMWh: number | undefined;
  readonly carbonGPerKWh: number | undefined;
  /** The most power that may be drawn; Infinity without a limit. */
  readonly capW: number;
  /** The request of the grid that lasts in it, by its number. */
  readonly event: number | undefined;
}

/** The time of a schedule, cut where a signal changes. */
export interface Horizon extends ScheduleSpan {
  readonly intervals: readonly Interval[];
}

/** Values that hold all the time, from the scenario's `prices`. */
export interface ConstantSignals {
  readonly pricePerMWh: number | undefined;
  readonly carbonGPerKWh: number | undefined;
}

/** A year by the hour, or five weeks by five minutes: a quarter of a gigabyte of steps. */
const MOST_INTERVALS = 10_000;

/**
 * Cuts the time from the beginning to the date into intervals in which nothing changes. O(values · log).
 *
 * @param clock for dates without a zone.
 * @param askedBy the scenario, for messages.
 * @throws InputError if a signal has no value for part of the time, or dates cannot be.
 */
export function horizonOf(
  signals: Signals,
  files: readonly Signal[],
  constant: ConstantSignals,
  clock: ZoneClock,
  askedBy: string,
): Horizon {
  const problems = new ProblemList(askedBy);
  const span = scheduleSpan(signals, files, clock, problems);
  const missing = files.flatMap((file) => missingOf(file, span, signals.gaps === 'hold'));
  if (missing.length > 0) throw new InputError(missing);
  const cuts = cutsOf(span, files);
  if (cuts.length > MOST_INTERVALS) {
    const message = `makes ${cuts.length - 1} intervals, expected at most ${MOST_INTERVALS}; shorten the time, or use files by the hour`;
    problems.add(message, { field: 'signals' });
    problems.throwIfAny();
  }
  const values = {
    price: valuesOf('price', span, files),
    carbon: valuesOf('carbon', span, files),
    cap: valuesOf('cap', span, files),
  };
  const intervals = cuts.slice(1).map((untilS, k): Interval => {
    const fromS = cuts[k]!;
    const event = span.events.findIndex((each) => each.fromS <= fromS && fromS < each.untilS);
    return {
      ...{ fromS, untilS },
      pricePerMWh: values.price?.(fromS) ?? constant.pricePerMWh,
      carbonGPerKWh: values.carbon?.(fromS) ?? constant.carbonGPerKWh,
      capW: values.cap?.(fromS) ?? Infinity,
      event: event < 0 ? undefined : event,
    };
  });
  return { ...span, intervals };
}

/** Seconds from the times of a file to those of the schedule. */
function shiftOf({ isDated }: Signal, { startS = 0 }: ScheduleSpan): number {
  return isDated ? -startS : 0;
}

/** Most places of one file that are told. */
const MOST_TOLD = 5;

/** The times within a schedule for which a file has no value. */
function missingOf(file: Signal, span: ScheduleSpan, isHeld: boolean) {
  const shiftS = shiftOf(file, span);
  const within = (one: Span) => one.fromS < span.durationS && one.untilS > 0;
  const atEnds = [
    { fromS: 0, untilS: Math.min(file.startS[0]! + shiftS, span.durationS) },
    { fromS: Math.max(file.untilS.at(-1)! + shiftS, 0), untilS: span.durationS },
  ].filter(({ fromS, untilS }) => file.name !== 'cap' && untilS > fromS);
  const gaps = file.gaps
    .map((gap) => ({ ...gap, fromS: gap.fromS + shiftS, untilS: gap.untilS + shiftS }))
    .filter((gap) => within(gap) && !(isHeld && valueAt(file, gap.fromS - shiftS) !== undefined));
  const { source } = file;
  const told = [
    ...atEnds.map((end) => ({
      source,
      message: `has no value for ${spanText(span, end)}, which the schedule needs; change signals.from or signals.until`,
    })),
    ...gaps.slice(0, MOST_TOLD).map((gap) => ({
      ...{ source, line: gap.line },
      message: `has no value for ${spanText(span, gap)}; fill it in, or write signals.gaps: hold to keep the value before it`,
    })),
  ];
  const more = gaps.length - MOST_TOLD;
  return more > 0 ? [...told, { source, message: `… and ${more} more gaps` }] : told;
}

/** The times at which anything changes, from the beginning to the end. */
function cutsOf(span: ScheduleSpan, files: readonly Signal[]): number[] {
  const changes = files.flatMap((file) => {
    const shiftS = shiftOf(file, span);
    return Array.from(file.startS, (startS) => startS + shiftS);
  });
  const events = span.events.flatMap(({ fromS, untilS }) => [fromS, untilS]);
  const inside = [...changes, ...events].filter((atS) => atS > 0 && atS < span.durationS);
  return [0, ...new Set(inside.sort((a, b) => a - b)), span.durationS];
}

/** The values of a kind of signal at times of the schedule; undefined if no file has any. */
function valuesOf(
  name: SignalName,
  span: ScheduleSpan,
  files: readonly Signal[],
): ((atS: number) => number | undefined) | undefined {
  const file = files.find((each) => each.name === name);
  if (file === undefined) return undefined;
  const shiftS = shiftOf(file, span);
  return (atS) => valueAt(file, atS - shiftS);
}

/** The value that holds at a time of the file; undefined before the first. O(log n). */
function valueAt({ startS, values }: Signal, timeS: number): number | undefined {
  let low = 0;
  let high = startS.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (startS[middle]! <= timeS) low = middle + 1;
    else high = middle;
  }
  const found = values[low - 1];
  return found === undefined || Number.isNaN(found) ? undefined : found;
}
