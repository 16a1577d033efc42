import { compensatedSum } from '../../src/compensated-sum.js';
import type { PowerAverager, PowerSteps } from '../power/power-series.js';
import type { Stretch } from './fault-course.js';
import type { FaultJob } from './fault-job.js';
import type { IdleStep } from './node-yard.js';

/** A receiver of power over time. */
type Receiver = Pick<PowerAverager, 'hold'>;

/** The power of a job as it is without faults, and its checkpoints. */
export interface CoursePower {
  readonly job: FaultJob;
  /** Iterations between checkpoints. */
  readonly iterations: number;
  /** Of the whole job, in the iterations of its run, which are repeated. */
  readonly steps: readonly PowerSteps[];
}

/**
 * The power of a job over its course: iterations one after another, and between them checkpoints,
 * waiting and restarts at the powers of their GPUs. Its energy is that of the course's accounts, if
 * the iterations are alike. O(steps of all iterations).
 *
 * @param receiver is handed all of it, in order.
 */
export function playCourse(
  { job, iterations, steps }: CoursePower,
  course: Iterable<Stretch>,
  receiver: Receiver,
): void {
  const { rules, gpusPerPipeline, iterationS } = job;
  const onTime = new OnTime(receiver);
  const nowS = compensatedSum();
  for (const stretch of course) {
    const { phase, timeS, pipelines } = stretch;
    const idleW = phase === 'repair' ? rules.waitingW : (rules.nodes?.idleW ?? 0);
    const sum = new BesideIdle(onTime, stretch.idle, idleW);
    const gpus = pipelines * gpusPerPipeline;
    if (phase === 'working') {
      const work = new RepeatedSteps(steps, pipelines / job.pipelines, sum);
      const workS = iterations * iterationS;
      const cycleS = workS + rules.pauseS;
      for (let fromS = 0, k = 1; fromS < timeS; fromS = k++ * cycleS) {
        const pauseS = Math.min(fromS + workS, timeS);
        work.hold(pauseS - fromS);
        sum.hold(Math.min(k * cycleS, timeS) - pauseS, gpus * rules.pauseW);
      }
    } else {
      sum.hold(timeS, gpus * (phase === 'restart' ? rules.restartW : rules.waitingW));
    }
    nowS.add(timeS);
    onTime.endAt(nowS.value());
  }
}

/** Makes stretches end when they should: lengths of their many pieces are rounded. */
class OnTime implements Receiver {
  private readonly played = compensatedSum();
  private lastS = 0;
  private lastW = 0;

  constructor(private readonly receiver: Receiver) {}

  hold(timeS: number, powerW: number): void {
    if (timeS <= 0) return;
    this.release();
    this.lastS = timeS;
    this.lastW = powerW;
  }

  /** Ends the last piece at this time of the course. */
  endAt(timeS: number): void {
    this.lastS = Math.max(0, timeS - this.played.value());
    this.release();
  }

  private release(): void {
    if (this.lastS > 0) this.receiver.hold(this.lastS, this.lastW);
    this.played.add(this.lastS);
    this.lastS = 0;
  }
}

/** Adds the power of idle GPUs, which changes in steps of its own. */
class BesideIdle implements Receiver {
  private index = 0;
  private usedS = 0;

  constructor(
    private readonly receiver: Receiver,
    private readonly idle: readonly IdleStep[],
    private readonly idleW: number,
  ) {}

  hold(timeS: number, powerW: number): void {
    let leftS = timeS;
    for (;;) {
      const step = this.idle[this.index];
      const gpusW = (step?.gpus ?? 0) * this.idleW;
      const stepS = step === undefined ? Infinity : step.timeS - this.usedS;
      // The last step takes what rounding leaves.
      const isLast = this.index >= this.idle.length - 1;
      if (isLast || leftS < stepS) {
        this.receiver.hold(leftS, powerW + gpusW);
        this.usedS += leftS;
        return;
      }
      this.receiver.hold(stepS, powerW + gpusW);
      leftS -= stepS;
      this.index++;
      this.usedS = 0;
    }
  }
}

/** Iterations of a run, over and over, in pieces of any length. */
class RepeatedSteps {
  private iteration = 0;
  private step = 0;
  /** The part of the iteration that is over. */
  private atS = 0;

  /** @param share part of the job's pipelines that work. */
  constructor(
    private readonly steps: readonly PowerSteps[],
    private readonly share: number,
    private readonly receiver: Receiver,
  ) {}

  hold(timeS: number): void {
    let leftS = timeS;
    while (leftS > 0) {
      const { untilS, powerW } = this.steps[this.iteration]!;
      const stepS = Math.max(0, untilS[this.step]! - this.atS);
      const heldS = Math.min(stepS, leftS);
      this.receiver.hold(heldS, this.share * powerW[this.step]!);
      leftS -= heldS;
      this.atS += heldS;
      if (heldS === stepS) this.next(untilS.length);
    }
  }

  private next(length: number): void {
    this.atS = this.steps[this.iteration]!.untilS[this.step]!;
    this.step++;
    if (this.step < length) return;
    this.step = 0;
    this.atS = 0;
    this.iteration = (this.iteration + 1) % this.steps.length;
  }
}
