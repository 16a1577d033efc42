import type { InstructionSpan } from './measured.js';
import { groupBy } from '../../src/groups.js';
import { instructionKey } from './instruction-key.js';
import type { PlacedSeries } from './placed-series.js';
import type { KeptSeries } from './series.js';

/** The course of a GPU's work: intervals in order of time, without gaps or overlaps. */
export interface WorkCourse {
  readonly startS: Float64Array;
  readonly endS: Float64Array;
  /** The group of each interval, whose power is unknown; `EXCLUDED` for what does not count. */
  readonly group: Int32Array;
  readonly groups: readonly WorkGroup[];
}

/** Intervals of one power. */
export interface WorkGroup {
  /** The series, by its place in the run. */
  readonly series: number;
  /** An instruction, `waiting`, or `between iterations`. */
  readonly what: string;
  /** The power, where it is known. */
  readonly knownW?: number | undefined;
}

/** Whether a group is an instruction, not what a GPU does between them. */
export function isInstruction(what: string): boolean {
  return what !== 'waiting' && what !== 'between iterations';
}

/** The group of intervals that do not count: no observation that touches one is used. */
export const EXCLUDED = -1;

/** Begin and end of a time. */
export interface Interval {
  readonly startS: number;
  readonly endS: number;
}

/**
 * The times between iterations, when no rank of a run works: optimizer steps, the reduction of
 * gradients. Known where all ranks number their iterations alike and share a clock. O(spans).
 */
export function betweenIterations(list: readonly KeptSeries[]): Interval[] {
  return [...groupBy(list, ({ frequencyMHz }) => frequencyMHz).values()]
    .flatMap(pausesOfClock)
    .sort((a, b) => a.startS - b.startS);
}

function pausesOfClock(list: readonly KeptSeries[]): Interval[] {
  const [first] = list;
  if (first === undefined || !list.every(({ iterations }) => iterations === first.iterations)) {
    return [];
  }
  const startS = new Array<number>(first.iterations).fill(Infinity);
  const endS = new Array<number>(first.iterations).fill(-Infinity);
  for (const { spans, iteration } of list) {
    spans.forEach((span, k) => {
      const at = iteration[k]!;
      startS[at] = Math.min(startS[at]!, span.startS ?? NaN);
      endS[at] = Math.max(endS[at]!, (span.startS ?? NaN) + span.timeS);
    });
  }
  return endS
    .slice(0, -1)
    .map((each, k) => ({ startS: each, endS: startS[k + 1]! }))
    .filter((each) => each.endS > each.startS);
}

/**
 * The course of one rank's series that share a time, such as the instructions of a plan with
 * several clocks. Time between instructions is waiting, of the power of the instruction's series
 * before it. O(n log n).
 */
export function workCourse(
  list: readonly PlacedSeries[],
  between: readonly Interval[],
  waitingW: number | undefined,
): WorkCourse {
  const groups = new GroupList(waitingW);
  const intervals: (Interval & { group: number })[] = [];
  let nowS = -Infinity;
  let last = 0;
  let nextPause = 0;
  const fill = (untilS: number, counts: boolean) => {
    if (untilS <= nowS || nowS === -Infinity) return;
    while (nextPause < between.length && between[nextPause]!.endS <= nowS) nextPause++;
    const next = between[nextPause];
    const pause = next !== undefined && next.startS < untilS ? next : undefined;
    const parts: Interval[] = [{ startS: nowS, endS: untilS }];
    if (pause !== undefined) {
      parts[0] = { startS: nowS, endS: Math.max(nowS, pause.startS) };
      parts.push({ startS: Math.max(nowS, pause.startS), endS: Math.min(untilS, pause.endS) });
      parts.push({ startS: Math.min(untilS, pause.endS), endS: untilS });
    }
    parts.forEach((part, k) => {
      if (part.endS <= part.startS) return;
      const what = k === 1 ? 'between iterations' : 'waiting';
      intervals.push({ ...part, group: counts ? groups.of(last, what) : EXCLUDED });
    });
  };
  let counted = true;
  for (const { span, at, isCounted } of inOrder(list)) {
    fill(span.startS, counted);
    const startS = Math.max(nowS, span.startS);
    const endS = Math.max(startS, span.startS + span.timeS);
    const group = isCounted ? groups.of(at, instructionKey(span)) : EXCLUDED;
    if (endS > startS) intervals.push({ startS, endS, group });
    [nowS, last, counted] = [endS, at, isCounted];
  }
  return {
    startS: Float64Array.from(intervals, ({ startS }) => startS),
    endS: Float64Array.from(intervals, ({ endS }) => endS),
    group: Int32Array.from(intervals, ({ group }) => group),
    groups: groups.list,
  };
}

type StartedSpan = InstructionSpan & { readonly startS: number };

interface OrderedSpan {
  readonly span: StartedSpan;
  readonly at: number;
  readonly isCounted: boolean;
}

function inOrder(list: readonly PlacedSeries[]): OrderedSpan[] {
  return list
    .flatMap(({ at, series: { spans, iteration, keeps } }) =>
      spans.flatMap((span, k): OrderedSpan[] =>
        span.startS === undefined
          ? []
          : [{ span: span as StartedSpan, at, isCounted: keeps[iteration[k]!]! }],
      ),
    )
    .sort((a, b) => a.span.startS - b.span.startS);
}

/** Numbers groups as they appear. */
class GroupList {
  readonly list: WorkGroup[] = [];
  private readonly numbers = new Map<string, number>();

  constructor(private readonly waitingW: number | undefined) {}

  of(series: number, what: string): number {
    const key = `${series} ${what}`;
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    const number = this.list.length;
    this.numbers.set(key, number);
    this.list.push({ series, what, ...(what === 'waiting' ? { knownW: this.waitingW } : {}) });
    return number;
  }
}
