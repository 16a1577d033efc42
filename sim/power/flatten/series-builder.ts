import { PowerAverager, type PowerSeries, type PowerSteps } from '../power-series.js';

/** Intervals of a series at most: 32 MB. */
const MOST_INTERVALS = 2 ** 22;

/** Doubles an interval until a run of about this length has few enough of them. */
export function intervalFor(everyS: number, durationS: number): number {
  const tooMany = durationS / everyS / MOST_INTERVALS;
  return tooMany <= 1 ? everyS : everyS * 2 ** Math.ceil(Math.log2(tooMany));
}

/** Makes a series of steps as they come. */
export class SeriesBuilder {
  private powerW: Float64Array = new Float64Array(1024);
  private length = 0;
  private readonly averager: PowerAverager;

  /**
   * @param everyS the length of an interval.
   * @param mostW no step is above it: a mean that is, by rounding, is cut.
   */
  constructor(
    private readonly everyS: number,
    mostW = Infinity,
  ) {
    this.averager = new PowerAverager(everyS, (meanW) => {
      this.push(Math.min(meanW, mostW));
    });
  }

  append(steps: PowerSteps): void {
    this.averager.append(steps);
  }

  /** Ends the last interval. */
  finish(): PowerSeries {
    const { durationS } = this.averager.finish();
    return { everyS: this.everyS, durationS, powerW: this.powerW.slice(0, this.length) };
  }

  private push(meanW: number): void {
    if (this.length === this.powerW.length) {
      const longer = new Float64Array(2 * this.length);
      longer.set(this.powerW);
      this.powerW = longer;
    }
    this.powerW[this.length++] = meanW;
  }
}
