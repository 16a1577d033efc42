import { compensatedSum } from '../../src/compensated-sum.js';
import { drawExponential } from '../kernel/distributions.js';
import { randomStream, type RandomStream } from '../kernel/random-streams.js';
import { CheckpointCycle, type Progress } from './checkpoint-cycle.js';
import type { FaultJob } from './fault-job.js';
import { NodeYard, type IdleStep } from './node-yard.js';

/** A stretch of a job's course in which nothing unforeseen happens. */
export type Stretch = Working | Waiting;

interface AnyStretch {
  readonly timeS: number;
  /** Pipelines that take part. */
  readonly pipelines: number;
  /** GPUs besides those: spares, and those of pipelines that lack a node. */
  readonly idle: readonly IdleStep[];
}

/** Iterations and checkpoints, from the last checkpoint on. */
export interface Working extends AnyStretch, Progress {
  readonly phase: 'working';
  readonly endsBy: 'fault' | 'return' | 'end';
}

/** GPUs wait or load a checkpoint; during a `repair` those of `idle` wait. */
export interface Waiting extends AnyStretch {
  readonly phase: 'detection' | 'repair' | 'restart';
  /** Whether a restart was struck by another fault. */
  readonly isStruck: boolean;
}

/**
 * The course of a job over days: work until a fault strikes, then the wait until it is noticed and,
 * if no node is at hand, until one is repaired, and the restart from the last checkpoint. Faults
 * strike while the job works or restarts, at a rate that falls with its pipelines; a GPU that waits has
 * none. The same seed has the same faults whatever the interval between checkpoints. O(1) per fault.
 *
 * @param iterations between checkpoints.
 */
export function faultCourse(job: FaultJob, iterations: number, seed: number): Iterable<Stretch> {
  return new Course(job, new CheckpointCycle(job, iterations), seed).stretches();
}

class Course {
  private readonly faults: RandomStream;
  private readonly breakages: RandomStream;
  private readonly yard: NodeYard;
  private readonly now = compensatedSum();
  /** Time of the whole job until the next fault strikes. */
  private untilFaultS: number;
  private usefulIterations = 0;

  constructor(
    private readonly job: FaultJob,
    private readonly cycle: CheckpointCycle,
    seed: number,
  ) {
    this.faults = randomStream(seed, 'faults');
    this.breakages = randomStream(seed, 'faults/nodes');
    this.yard = new NodeYard(job);
    this.untilFaultS = this.drawFault();
  }

  *stretches(): Generator<Stretch> {
    let { pipelines } = this.job;
    for (;;) {
      const working = this.work(pipelines);
      yield working;
      if (working.endsBy === 'end') return;
      const wasStruck = working.endsBy === 'fault';
      pipelines = yield* wasStruck ? this.recover(pipelines) : this.restart();
      if (this.leftS() <= 0) return;
    }
  }

  /** The job works until a fault, the end, or a checkpoint after a node has come back. */
  private work(pipelines: number): Working {
    const { cycle, job } = this;
    const share = pipelines / job.pipelines;
    const faultS = this.untilFaultS / share;
    const endS = Math.min(this.leftS(), this.untilDoneS(share));
    const returnS = this.yard.returnOfOneMoreS(pipelines) - this.now.value();
    const checkpoints = cycle.checkpointsAt(returnS);
    const rejoinS = cycle.usableS(checkpoints);
    const timeS = Math.min(faultS, endS, rejoinS);
    const endsBy = timeS === endS ? 'end' : timeS === faultS ? 'fault' : 'return';
    const computedS = cycle.computedS(timeS);
    const keptS =
      endsBy === 'end'
        ? computedS
        : Math.min(
            computedS,
            cycle.keptS(endsBy === 'return' ? checkpoints : cycle.usableAt(timeS)),
          );
    this.usefulIterations += (share * keptS) / job.iterationS;
    const idle = this.pass(timeS, share, pipelines);
    return { phase: 'working', timeS, pipelines, idle, computedS, keptS, endsBy };
  }

  /** From a fault until the job works again. @returns its pipelines then. */
  private *recover(before: number): Generator<Stretch, number> {
    const { job, yard } = this;
    let pipelines = before;
    for (;;) {
      this.untilFaultS = this.drawFault();
      if (this.breakages() < job.rules.nodeShare) yard.breakOne(this.now.value());
      yield this.wait('detection', job.rules.detectS, pipelines);
      while (!yard.isEnough && this.leftS() > 0) {
        yield this.wait('repair', yard.nextReturnS - this.now.value(), 0);
      }
      pipelines = yield* this.restart();
      if (this.untilFaultS > 0 || this.leftS() <= 0) return pipelines;
    }
  }

  /** Loads the last checkpoint, unless a fault strikes. @returns the pipelines that take part. */
  private *restart(): Generator<Stretch, number> {
    const { job, yard } = this;
    const { pipelines } = yard;
    const share = pipelines / job.pipelines;
    const wishedS = job.rules.restartS;
    const isStruck = this.untilFaultS < share * wishedS;
    yield this.wait('restart', isStruck ? this.untilFaultS / share : wishedS, pipelines, isStruck);
    return pipelines;
  }

  private wait(
    phase: Waiting['phase'],
    wishedS: number,
    pipelines: number,
    isStruck = false,
  ): Waiting {
    const timeS = Math.min(wishedS, Math.max(0, this.leftS()));
    const isOver = timeS === wishedS;
    const idle = this.pass(
      timeS,
      phase === 'restart' ? pipelines / this.job.pipelines : 0,
      pipelines,
    );
    if (isStruck && isOver) this.untilFaultS = 0;
    return { phase, timeS, pipelines, idle, isStruck: isStruck && isOver };
  }

  /** @param share part of the job that faults may strike meanwhile. */
  private pass(timeS: number, share: number, pipelines: number): IdleStep[] {
    const fromS = this.now.value();
    this.now.add(timeS);
    this.untilFaultS = Math.max(0, this.untilFaultS - share * timeS);
    return this.yard.pass(fromS, this.now.value(), pipelines);
  }

  private drawFault(): number {
    return drawExponential(this.faults, 1 / this.job.rules.rate);
  }

  /** Time until the end of the course, if that is a time. */
  private leftS(): number {
    const { end } = this.job.rules;
    return 'timeS' in end ? end.timeS - this.now.value() : Infinity;
  }

  /** Working time until all iterations are done, if those are the end. */
  private untilDoneS(share: number): number {
    const { rules, iterationS } = this.job;
    if (!('iterations' in rules.end)) return Infinity;
    const left = rules.end.iterations - this.usefulIterations;
    return this.cycle.timeFor((left * iterationS) / share);
  }
}
