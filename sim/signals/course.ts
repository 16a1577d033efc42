import { compensatedSum } from '../../src/compensated-sum.js';
import type { Horizon, Interval } from './horizon.js';
import type { JobPoint } from './job-points.js';
import type { Choice } from './least-cost.js';

/** A job's state when it does not compute. */
export type Rest =
  /** It waits in memory. */
  | 'paused'
  /** It writes a checkpoint, or starts again from one. */
  | 'switching'
  /** Its GPUs are given back for a while. */
  | 'off'
  /** Its work is done. */
  | 'done';

/** A choice of a job: a point at which it computes, or a rest. */
export interface JobChoice extends Choice {
  /** Of all GPUs. */
  readonly gpuW: number;
  readonly point: JobPoint | undefined;
  readonly rest: Rest | undefined;
}

/** A job that does one thing for a while, within one interval. */
export interface Segment {
  /** The interval's number. */
  readonly interval: number;
  readonly fromS: number;
  readonly untilS: number;
  readonly choice: JobChoice;
}

/** A job's doings from the beginning to the end of a schedule. */
export interface Course {
  readonly segments: readonly Segment[];
  /** The end of its work; undefined if it is not done in time. */
  readonly endS: number | undefined;
  readonly iterations: number;
}

/** A choice to compute. */
export function computing(point: JobPoint): JobChoice {
  const { rate, powerW, gpuW } = point;
  return { rate, powerW, gpuW, point, rest: undefined };
}

/** A choice to rest. */
export function resting(rest: Rest, powerW: number, gpuW: number): JobChoice {
  return { rate: 0, powerW, gpuW, point: undefined, rest };
}

/** Builds a course from its beginning on; the job ends when it has done its work. */
export class CourseBuilder {
  private readonly segments: Segment[] = [];
  private readonly done = compensatedSum();
  private interval = 0;
  private nowS = 0;
  private endS: number | undefined;

  /**
   * @param work iterations to be done.
   * @param after what the GPUs do from then on.
   */
  constructor(
    private readonly horizon: Horizon,
    private readonly work: number,
    private readonly after: JobChoice,
  ) {}

  get isDone(): boolean {
    return this.endS !== undefined;
  }

  /** Makes a choice until a time; it may go on through several intervals. */
  until(untilS: number, choice: JobChoice): void {
    const restS = choice.rate > 0 ? (this.work - this.done.value()) / choice.rate : Infinity;
    const doneS = this.nowS + Math.max(restS, 0);
    // Times of courses that just do their work differ by roundings.
    const isLast = !this.isDone && doneS <= untilS + SAME_S;
    const stopS = isLast ? Math.min(doneS, untilS) : untilS;
    this.hold(stopS, this.isDone ? this.after : choice);
    if (!isLast) return;
    this.endS = stopS;
    this.hold(untilS, this.after);
  }

  /** The course, which rests until the date. */
  course(): Course {
    this.hold(this.horizon.durationS, this.after);
    return { segments: this.segments, endS: this.endS, iterations: this.done.value() };
  }

  private hold(untilS: number, choice: JobChoice): void {
    const { intervals } = this.horizon;
    while (this.nowS < untilS - SAME_S) {
      while (
        this.interval < intervals.length - 1 &&
        intervals[this.interval]!.untilS <= this.nowS + SAME_S
      ) {
        this.interval++;
      }
      const endS = Math.min(untilS, intervals[this.interval]!.untilS);
      if (choice.rate > 0) this.done.add((endS - this.nowS) * choice.rate);
      this.segments.push({ interval: this.interval, fromS: this.nowS, untilS: endS, choice });
      this.nowS = endS;
    }
  }
}

/** Times that differ by less are the same. */
const SAME_S = 1e-6;

/** The energy and the costs of a course. */
export interface Bill {
  /** Of the GPUs alone. */
  readonly gpuJ: number;
  /** Paid for: that of the site, if there is one. */
  readonly paidJ: number;
  /** Undefined without prices. */
  readonly money: number | undefined;
  readonly carbonKg: number | undefined;
  /** The most power that is paid for at any time. */
  readonly peakW: number;
  /** Of what was to be least. */
  readonly cost: number;
}

const JOULES_PER_MWH = 3.6e9;

/** Money for a joule. */
export function moneyPerJ({ pricePerMWh }: Interval): number | undefined {
  return pricePerMWh === undefined ? undefined : pricePerMWh / JOULES_PER_MWH;
}

/** Kilograms of carbon dioxide for a joule. */
export function carbonKgPerJ({ carbonGPerKWh }: Interval): number | undefined {
  // Grams for a kilowatt-hour are kilograms for a megawatt-hour.
  return carbonGPerKWh === undefined ? undefined : carbonGPerKWh / JOULES_PER_MWH;
}

/** Adds a course up. @param objective what a joule counts. */
export function billOf(
  { segments }: Pick<Course, 'segments'>,
  { intervals }: Horizon,
  objective: (interval: Interval) => number,
): Bill {
  const sums = {
    ...{ gpuJ: compensatedSum(), paidJ: compensatedSum(), cost: compensatedSum() },
    ...{ money: compensatedSum(), carbonKg: compensatedSum() },
  };
  let peakW = 0;
  for (const { interval, fromS, untilS, choice } of segments) {
    const paidJ = choice.powerW * (untilS - fromS);
    const within = intervals[interval]!;
    sums.gpuJ.add(choice.gpuW * (untilS - fromS));
    sums.paidJ.add(paidJ);
    sums.cost.add(paidJ * objective(within));
    sums.money.add(paidJ * (moneyPerJ(within) ?? 0));
    sums.carbonKg.add(paidJ * (carbonKgPerJ(within) ?? 0));
    peakW = Math.max(peakW, choice.powerW);
  }
  const isKnown = (of: (interval: Interval) => number | undefined) =>
    intervals.every((interval) => of(interval) !== undefined);
  return {
    ...{ gpuJ: sums.gpuJ.value(), paidJ: sums.paidJ.value(), cost: sums.cost.value(), peakW },
    money: isKnown(moneyPerJ) ? sums.money.value() : undefined,
    carbonKg: isKnown(carbonKgPerJ) ? sums.carbonKg.value() : undefined,
  };
}
