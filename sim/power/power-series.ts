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
  private interval = 0;

  /**
   * @param everyS the length of an interval.
   * @param sink receives each interval's mean power, in order.
   */
  constructor(
    private readonly everyS: number,
    private readonly sink: (meanW: number) => void,
  ) {}

  /** Appends steps: they begin where the last ones ended. */
  append({ untilS, powerW }: PowerSteps): void {
    let fromS = 0;
    for (let k = 0; k < untilS.length; k++) {
      this.hold(untilS[k]! - fromS, powerW[k]!);
      fromS = untilS[k]!;
    }
  }

  /** Appends one power, held for a time. */
  hold(timeS: number, powerW: number): void {
    const beganS = this.now.value();
    this.now.add(timeS);
    this.energy.add(timeS * powerW);
    const endS = this.now.value();
    let fromS = beganS;
    for (let untilS = this.untilS(); untilS <= endS; untilS = this.untilS()) {
      this.pending.add((untilS - fromS) * powerW);
      this.close(this.everyS);
      fromS = untilS;
    }
    this.pending.add((endS - fromS) * powerW);
  }

  /** Ends the last interval, if it has begun. */
  finish(): Averaged {
    const durationS = this.now.value();
    const restS = durationS - this.interval * this.everyS;
    if (restS > 0) this.close(restS);
    return { durationS, energyJ: this.energy.value() };
  }

  /** The end of the interval that is not over yet. */
  private untilS(): number {
    return (this.interval + 1) * this.everyS;
  }

  private close(lengthS: number): void {
    this.sink(this.pending.value() / lengthS);
    this.pending = compensatedSum();
    this.interval++;
  }
}
