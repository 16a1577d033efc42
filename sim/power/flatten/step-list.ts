import type { PowerSteps } from '../power-series.js';

/** Power in steps, as it grows. Steps of no length are left out; equal ones that follow are one. */
export class StepList {
  private untilS: Float64Array = new Float64Array(64);
  private powerW: Float64Array = new Float64Array(64);
  private length = 0;

  /** Holds a power until then. */
  hold(untilS: number, powerW: number): void {
    const last = this.length - 1;
    if (untilS <= (last < 0 ? 0 : this.untilS[last]!)) return;
    if (last >= 0 && this.powerW[last] === powerW) {
      this.untilS[last] = untilS;
      return;
    }
    if (this.length === this.untilS.length) {
      this.untilS = doubled(this.untilS);
      this.powerW = doubled(this.powerW);
    }
    this.untilS[this.length] = untilS;
    this.powerW[this.length] = powerW;
    this.length++;
  }

  /** Draws a straight line, in equal steps of at most this length that have its mean power. */
  line(fromS: number, untilS: number, fromW: number, untilW: number, stepS: number): void {
    if (fromW === untilW) {
      this.hold(untilS, fromW);
      return;
    }
    const count = Math.max(1, Math.ceil((untilS - fromS) / stepS));
    for (let k = 0; k < count; k++) {
      const endS = k === count - 1 ? untilS : fromS + ((k + 1) * (untilS - fromS)) / count;
      this.hold(endS, fromW + ((k + 0.5) * (untilW - fromW)) / count);
    }
  }

  /** All of them. */
  steps(): PowerSteps {
    return {
      untilS: this.untilS.slice(0, this.length),
      powerW: this.powerW.slice(0, this.length),
    };
  }
}

function doubled(values: Float64Array): Float64Array {
  const twice = new Float64Array(2 * values.length);
  twice.set(values);
  return twice;
}
