import type { FaultJob } from './fault-job.js';

/** How far a job has come since it last began to work from a checkpoint. */
export interface Progress {
  /** Time that it spent on iterations; the rest went into checkpoints. */
  readonly computedS: number;
  /** The part of that which is of use: saved, or not lost. */
  readonly keptS: number;
}

/** The rhythm of iterations and checkpoints, from the moment at which the job begins to work. */
export class CheckpointCycle {
  private readonly workS: number;
  private readonly cycleS: number;
  private readonly writeS: number;

  /** @param iterations between checkpoints. */
  constructor({ iterationS, rules }: FaultJob, iterations: number) {
    this.workS = iterations * iterationS;
    this.cycleS = this.workS + rules.pauseS;
    this.writeS = rules.writeS;
  }

  /** Computing within this time. */
  computedS(timeS: number): number {
    const cycles = Math.floor(timeS / this.cycleS);
    return cycles * this.workS + Math.min(timeS - cycles * this.cycleS, this.workS);
  }

  /** Checkpoints that are of use after this time. */
  usableAt(timeS: number): number {
    return Math.max(0, Math.floor((timeS - this.writeS) / this.cycleS));
  }

  /** Computing that this many checkpoints save. */
  keptS(checkpoints: number): number {
    return checkpoints * this.workS;
  }

  /** The number of the first checkpoint, from 0, that is of use no earlier than this. */
  checkpointsAt(timeS: number): number {
    // The one that the job began to work from is of use at once, and at no other time.
    return timeS <= 0 ? 0 : Math.max(1, Math.ceil((timeS - this.writeS) / this.cycleS));
  }

  /** The time at which this many checkpoints are of use. */
  usableS(checkpoints: number): number {
    return checkpoints === 0 ? 0 : checkpoints * this.cycleS + this.writeS;
  }

  /** The time in which this much is computed. */
  timeFor(computedS: number): number {
    const before = Math.max(0, Math.ceil(computedS / this.workS) - 1);
    return computedS + before * (this.cycleS - this.workS);
  }
}
