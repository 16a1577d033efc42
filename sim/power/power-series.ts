import { compensatedSum } from '../../src/compensated-sum.js';

/** Mean power of consecutive intervals of equal length, the first of which begins at time 0. */
export interface PowerSeries {
  readonly everyS: number;
  /** Mean of each interval; of the last one, until the end. */
  readonly powerW: Float64Array;
  /** The end: the last interval may be shorter than the others. */
  readonly durationS: number;
}

/** Power that changes in steps: `powerW[k]` from the end of the step before, or from 0, on. */
export interface PowerSteps {
  /** The end of each step, ascending. */
  readonly untilS: Float64Array;
  readonly powerW: Float64Array;
}

/** The energy of a series: mean power × length of every interval. */
export function energyOfSeriesJ({ everyS, powerW, durationS }: PowerSeries): number {
  const sum = compensatedSum();
  powerW.forEach((meanW, k) => {
    sum.add(meanW * Math.min(everyS, durationS - k * everyS));
  });
  return sum.value();
}

/** What is known once all steps have been averaged. */
export interface Averaged {
  readonly durationS: number;
  readonly energyJ: number;
}

/**
 * Averages steps over intervals of equal length, exactly: the energy of all intervals is that of all
 * steps. Needs memory for one interval only. O(1) per step and per interval.
 */
export class PowerAverager {
  private readonly energy = compensatedSum();
  /** Of the interval that is not over yet. */
  private pending = compensatedSum();
  private readonly now = compensatedSum();
  private reachedS = 0;
  private interval = 0;
  private beganS = 0;
  private closesS: number;

  /**
   * @param everyS the length of an interval.
   * @param sink receives each interval's mean power, in order.
   */
  constructor(
    private readonly everyS: number,
    private readonly sink: (meanW: number) => void,
  ) {
    this.closesS = everyS;
  }

  /**
   * Appends steps: they begin where the last ones ended. Series of steps that end at the same times
   * have the same intervals, whatever happens in between.
   */
  append({ untilS, powerW }: PowerSteps): void {
    const beganS = this.now.value();
    let fromS = 0;
    for (let k = 0; k < untilS.length; k++) {
      const endS = untilS[k]!;
      this.energy.add((endS - fromS) * powerW[k]!);
      this.until(beganS + endS, powerW[k]!);
      fromS = endS;
    }
    this.now.add(fromS);
    this.reachedS = this.now.value();
  }

  /** Appends one power, held for a time. */
  hold(timeS: number, powerW: number): void {
    this.now.add(timeS);
    this.energy.add(timeS * powerW);
    this.until(this.now.value(), powerW);
  }

  /** Holds a power from the time that is reached until another. */
  private until(endS: number, powerW: number): void {
    let fromS = this.reachedS;
    while (this.closesS <= endS) {
      this.pending.add((this.closesS - fromS) * powerW);
      fromS = this.closesS;
      this.close();
    }
    this.pending.add((endS - fromS) * powerW);
    this.reachedS = endS;
  }

  /** Ends the last interval, if it has begun. */
  finish(): Averaged {
    const durationS = this.now.value();
    if (durationS > this.beganS) {
      this.closesS = durationS;
      this.close();
    }
    return { durationS, energyJ: this.energy.value() };
  }

  private close(): void {
    // Far from 0, times are rounded: a constant power stays constant if its energy is divided by them.
    this.sink(this.pending.value() / (this.closesS - this.beganS));
    this.pending = compensatedSum();
    this.interval++;
    this.beganS = this.closesS;
    this.closesS = (this.interval + 1) * this.everyS;
  }
}

/** The same power in intervals of another length: its energy is kept exactly. O(intervals). */
export function averaged(
  { everyS, powerW, durationS }: PowerSeries,
  newEveryS: number,
): PowerSeries {
  const meansW: number[] = [];
  const averager = new PowerAverager(newEveryS, (meanW) => meansW.push(meanW));
  powerW.forEach((meanW, k) => {
    averager.hold(Math.min(everyS, durationS - k * everyS), meanW);
  });
  averager.finish();
  return { everyS: newEveryS, powerW: Float64Array.from(meansW), durationS };
}
