import { CompensatedSums } from '../../../src/compensated-sum.js';
import type { PowerSteps } from '../power-series.js';
import { StepList } from './step-list.js';

/** Power smoothing of a GPU, as NVML has it; watts and seconds of one GPU. */
export interface SmoothingSettings {
  /** Below it, the GPU burns the difference. */
  readonly floorW: number;
  /** The fastest that its power rises. */
  readonly rampUpWPerS: number;
  /** The fastest that its power falls. */
  readonly rampDownWPerS: number;
  /** The floor is let go once less than it was wanted for this long. */
  readonly hysteresisS: number;
}

/** Ballast: a waiting GPU multiplies matrices. */
export interface BallastSettings {
  /** The power of a GPU that does so. */
  readonly levelW: number;
  /** From the end of computing until it begins. */
  readonly delayS: number;
}

/** The controls of a GPU. */
export interface GpuControls {
  readonly smoothing?: SmoothingSettings | undefined;
  readonly ballast?: BallastSettings | undefined;
  /** Ramps are drawn in steps of at most this length, each with the mean power of its time. */
  readonly stepS: number;
}

/** The state of a GPU between two iterations. */
export interface GpuState {
  readonly drawnW: number;
  /** The time for which less than the floor has been wanted. */
  readonly belowFloorS: number;
  /** The time for which it has not computed. */
  readonly idleS: number;
}

/** Energies that controls add to one GPU. */
export interface GpuEnergies {
  readonly ballastJ: number;
  readonly floorJ: number;
  readonly rampDownJ: number;
  /** Not drawn while power was still rising and the GPU did not compute. */
  readonly undrawnJ: number;
  /** Wanted while it did not compute, without any control. */
  readonly idleJ: number;
}

const [BALLAST, FLOOR, RAMP_DOWN, UNDRAWN, IDLE] = [0, 1, 2, 3, 4];

/** No control: the floor is nowhere, and ramps are steep. */
const NO_SMOOTHING: SmoothingSettings = {
  floorW: 0,
  rampUpWPerS: Infinity,
  rampDownWPerS: Infinity,
  hysteresisS: Infinity,
};
const NO_BALLAST: BallastSettings = { levelW: 0, delayS: Infinity };

/**
 * The power of one GPU with smoothing and ballast, activity by activity.
 *
 * What the GPU wants is the power of its activity, or ballast if it has not computed for the delay.
 * Its power follows what it wants, or the floor if that is higher and has not been let go, as fast as
 * ramps allow. While it computes and draws less than it wants, its work is delayed in proportion:
 * work that wants 600 W proceeds at half its speed with 300 W. So ramps up cost computing time, and no
 * energy of computing.
 */
export class GpuCourse {
  private readonly smoothing: SmoothingSettings;
  private readonly ballast: BallastSettings;
  private readonly steps = new StepList();
  private readonly energies = new CompensatedSums(5);
  private drawnW: number;
  private currentS = 0;
  /** The time at which the floor is let go. */
  private releaseS: number;
  /** The time at which ballast begins, unless the GPU computes before. */
  private ballastS: number;

  constructor(
    private readonly controls: GpuControls,
    state: GpuState,
  ) {
    this.smoothing = controls.smoothing ?? NO_SMOOTHING;
    this.ballast = controls.ballast ?? NO_BALLAST;
    this.drawnW = state.drawnW;
    this.releaseS = this.smoothing.hysteresisS - state.belowFloorS;
    this.ballastS = this.ballast.delayS - state.idleS;
  }

  /** The time of the iteration until which it is known. */
  get nowS(): number {
    return this.currentS;
  }

  /** Does not compute until then, and wants this power. */
  idleUntil(untilS: number, wantedW: number): void {
    if (untilS <= this.currentS) return;
    this.energies.add(IDLE, (untilS - this.currentS) * wantedW);
    while (this.currentS < untilS) {
      const hasBallast = this.currentS >= this.ballastS;
      const aimW = hasBallast ? Math.max(wantedW, this.ballast.levelW) : wantedW;
      const changeS = hasBallast ? untilS : Math.min(untilS, this.ballastS);
      this.proceed(changeS, wantedW, aimW, false);
    }
  }

  /**
   * Computes.
   * @param workS the time that it takes with the power it wants.
   * @returns the time at which it is done.
   */
  compute(workS: number, wantedW: number): number {
    let leftS = workS;
    while (leftS > 0) {
      const fromS = this.currentS;
      const fromW = this.drawnW;
      this.proceed(this.currentS + leftS, wantedW, wantedW, true, leftS);
      const meanW = Math.min(wantedW, (fromW + this.drawnW) / 2);
      const isRising = fromW < wantedW && this.smoothing.rampUpWPerS < Infinity;
      const doneS = isRising ? ((this.currentS - fromS) * meanW) / wantedW : this.currentS - fromS;
      // A power that is reached at once, within rounding, takes no time.
      const goesOn = this.currentS > fromS || this.drawnW !== fromW;
      leftS = goesOn && leftS - doneS > 1e-12 * workS ? leftS - doneS : 0;
    }
    if (workS > 0) this.ballastS = this.currentS + this.ballast.delayS;
    return this.currentS;
  }

  /** The power until now. */
  powerSteps(): PowerSteps {
    return this.steps.steps();
  }

  /** The energies until now. */
  energiesJ(): GpuEnergies {
    const [ballastJ, floorJ, rampDownJ, undrawnJ, idleJ] = this.energies.values();
    return {
      ...{ ballastJ: ballastJ!, floorJ: floorJ!, rampDownJ: rampDownJ! },
      ...{ undrawnJ: undrawnJ!, idleJ: idleJ! },
    };
  }

  /** The state at the end of an iteration. Times beyond which nothing changes are cut. */
  state(): GpuState {
    const { hysteresisS } = this.smoothing;
    const { delayS } = this.ballast;
    const since = (eventS: number, timeS: number) =>
      timeS === Infinity ? 0 : Math.max(0, Math.min(timeS, this.currentS - (eventS - timeS)));
    return {
      drawnW: this.drawnW,
      belowFloorS: since(this.releaseS, hysteresisS),
      idleS: since(this.ballastS, delayS),
    };
  }

  /**
   * Goes on until then, or until something changes: power reaches what it aims at or passes what is
   * wanted, the floor is let go, or the work is done.
   * @param workS work left, if it computes.
   */
  private proceed(
    untilS: number,
    wantedW: number,
    aimW: number,
    isComputing: boolean,
    workS = Infinity,
  ): void {
    const { floorW, hysteresisS, rampUpWPerS, rampDownWPerS } = this.smoothing;
    if (aimW >= floorW) this.releaseS = this.currentS + hysteresisS;
    const isHeld = aimW < floorW && this.currentS < this.releaseS;
    const targetW = isHeld ? floorW : aimW;
    const rate = this.drawnW < targetW ? rampUpWPerS : rampDownWPerS;
    if (rate === Infinity) this.drawnW = targetW;
    let endS = isHeld && this.releaseS < untilS ? this.releaseS : untilS;
    let endW = this.drawnW;
    if (this.drawnW !== targetW) {
      const nextW = this.nextLevel(targetW, wantedW, aimW);
      const reachS = this.currentS + Math.abs(nextW - this.drawnW) / rate;
      const sign = nextW > this.drawnW ? 1 : -1;
      // Slow work is done later than `untilS`, which assumes its full speed.
      if (isComputing && this.drawnW < wantedW) {
        const doneS = this.currentS + slowWorkS(workS, this.drawnW, wantedW, rate);
        endS = isHeld ? Math.min(this.releaseS, doneS) : doneS;
      }
      if (reachS <= endS) endS = reachS;
      endW = reachS <= endS ? nextW : this.drawnW + sign * rate * (endS - this.currentS);
    }
    this.draw(endS, endW, { wantedW, aimW, isHeld, isComputing });
    if (aimW >= floorW) this.releaseS = this.currentS + hysteresisS;
  }

  /** The next power on the way to the target at which the accounts change. */
  private nextLevel(targetW: number, wantedW: number, aimW: number): number {
    if (targetW < this.drawnW) return targetW;
    const above = [wantedW, aimW, targetW].filter((levelW) => levelW > this.drawnW);
    return Math.min(...above);
  }

  /** Draws a straight line, and books it. */
  private draw(endS: number, endW: number, { wantedW, aimW, isHeld, isComputing }: Drawing): void {
    const { floorW } = this.smoothing;
    const timeS = endS - this.currentS;
    const meanW = (this.drawnW + endW) / 2;
    const book = (account: number, powerW: number) => {
      if (powerW > 0) this.energies.add(account, powerW * timeS);
    };
    if (!isComputing) {
      book(BALLAST, Math.min(meanW, aimW) - wantedW);
      book(UNDRAWN, wantedW - meanW);
    }
    const heldW = isHeld ? Math.max(floorW, aimW) : aimW;
    book(FLOOR, Math.min(meanW, heldW) - Math.max(aimW, 0));
    book(RAMP_DOWN, meanW - heldW);
    this.steps.line(this.currentS, endS, this.drawnW, endW, this.controls.stepS);
    this.currentS = endS;
    this.drawnW = endW;
  }
}

interface Drawing {
  readonly wantedW: number;
  readonly aimW: number;
  readonly isHeld: boolean;
  readonly isComputing: boolean;
}

/**
 * The time for work that proceeds in proportion to a rising power, until it is done: the root of
 * drawn · t + rate · t² / 2 = work · wanted.
 */
function slowWorkS(workS: number, drawnW: number, wantedW: number, rate: number): number {
  const energyJ = workS * wantedW;
  return (2 * energyJ) / (drawnW + Math.sqrt(drawnW ** 2 + 2 * rate * energyJ));
}
