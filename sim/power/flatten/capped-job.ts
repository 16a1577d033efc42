import { compensatedSum } from '../../../src/compensated-sum.js';
import { groupBy } from '../../../src/groups.js';
import type { GpuCounting } from '../../energy/gpu-powers.js';
import type { Setting } from '../../scenario/scenario-setting.js';
import type { Job, JobRecord } from '../../training/job.js';
import { AFTER_MEETING } from '../../training/timing.js';
import type { PowerSteps } from '../power-series.js';
import { CappedStage, type CappedPipeline } from './capped-stage.js';
import { CeilingSums } from './ceiling-sums.js';
import { ceilingOptions, clockCeilings } from './clock-ceilings.js';
import { StepList } from './step-list.js';

/** An iteration of a job under a cap. */
export interface CappedIteration {
  readonly steps: PowerSteps;
  readonly timeS: number;
  /** Of all GPUs while they compute. */
  readonly computingJ: number;
  /** Of all GPUs while they do not. */
  readonly idleJ: number;
}

/** A job to be run under a cap. */
export interface CappableJob {
  readonly job: Job;
  readonly record: JobRecord;
  readonly gpus: GpuCounting;
  /** Indexed as `dag.operation`. */
  readonly physics: Setting['physics'];
}

/** The cap cannot be kept: GPUs draw more even at their lowest clocks. */
export interface CapTooLow {
  /** The power that was needed. */
  readonly neededW: number;
}

/**
 * Runs an iteration again so that the job's power never exceeds a cap: whenever power would change,
 * the clocks of all GPUs that compute fall together to the highest ceiling under which the job fits,
 * or rise again. Work in progress slows down with its clock. What does not fit even at the lowest
 * clocks begins later, in the order in which it became ready.
 *
 * Waiting and communicating GPUs draw as they did. O(instructions · distinct pipelines · stages ·
 * distinct pipelines), and the number of clocks per change.
 */
export function underCap(capped: CappableJob, capW: number): CappedIteration | CapTooLow {
  return new CeilingRun(capped, capW).run();
}

/** One iteration, event by event. */
class CeilingRun {
  private readonly stages: readonly CappedStage[];
  private readonly sums: CeilingSums;
  private readonly steps = new StepList();
  private readonly computing = compensatedSum();
  private readonly idle = compensatedSum();
  private readonly now = compensatedSum();

  constructor(
    private readonly capped: CappableJob,
    private readonly capW: number,
  ) {
    const { job, record, gpus, physics } = capped;
    const ceilingsMHz = clockCeilings(physics);
    const optionsOf = ceilingOptions(job.dag, physics, ceilingsMHz);
    const groups = groupBy(record.pipelines, (pipeline) => pipeline);
    this.stages = [...groups].flatMap(([{ executed }, pipelines]) => {
      const context: CappedPipeline = {
        ...{ dag: job.dag, gpus, executed, optionsOf },
        gpuCount: gpus.gpusPerStage * pipelines.length,
        arrivesS: new Float64Array(job.dag.instructionCount).fill(Infinity),
      };
      return Array.from({ length: job.dag.stageCount }, (_, s) => new CappedStage(context, s));
    });
    this.sums = new CeilingSums(this.stages, ceilingsMHz.length);
  }

  run(): CappedIteration | CapTooLow {
    for (;;) {
      this.begin();
      if (this.stages.every((stage) => stage.isDone)) break;
      const tooLow = this.proceed();
      if (tooLow !== undefined) return tooLow;
    }
    const tooLow = this.close();
    if (tooLow !== undefined) return tooLow;
    return {
      ...{ steps: this.steps.steps(), timeS: this.now.value() },
      ...{ computingJ: this.computing.value(), idleJ: this.idle.value() },
    };
  }

  /** Begins whatever can begin now: until nothing more does. */
  private begin(): void {
    const nowS = this.now.value();
    for (let hasBegun = true; hasBegun;) {
      hasBegun = false;
      const ready = this.stages.filter((stage) => stage.isReady(nowS));
      ready.sort((a, b) => a.readyS() - b.readyS());
      for (const stage of ready) {
        if (!this.isAdmitted(stage)) continue;
        this.sums.change(stage, () => {
          stage.begin(nowS);
        });
        hasBegun = true;
      }
    }
  }

  /** Whether the job fits at the lowest clocks with what a stage would do next. */
  private isAdmitted(stage: CappedStage): boolean {
    return stage.nextLowestW() <= stage.drawnW(0) || this.powerWith(stage) <= this.capW;
  }

  /** Goes on until something ends. */
  private proceed(): CapTooLow | undefined {
    const nowS = this.now.value();
    const ceiling = this.sums.highestBelow(this.capW);
    const powerW = this.sums.exactW(ceiling);
    if (powerW > this.capW) return { neededW: powerW };
    let stepS = Infinity;
    for (const stage of this.stages) stepS = Math.min(stepS, stage.untilEventS(ceiling, nowS));
    // Nothing runs: all that is ready waits for power that nobody will free.
    if (stepS === Infinity) return { neededW: this.leastNeededW() };
    this.hold(stepS, powerW, ceiling);
    const endS = this.now.value();
    for (const stage of this.stages) {
      if (!stage.proceed(stepS, ceiling)) continue;
      this.sums.change(stage, () => {
        stage.finish(endS);
      });
    }
    return undefined;
  }

  /** Holds a power, and books it: what computing stages draw apart from the rest. */
  private hold(timeS: number, powerW: number, ceiling: number): void {
    this.now.add(timeS);
    this.steps.hold(this.now.value(), powerW);
    let computingW = 0;
    let idleW = 0;
    for (const stage of this.stages) {
      if (stage.isComputing) computingW += stage.drawnW(ceiling);
      else idleW += stage.drawnW(ceiling);
    }
    this.computing.add(computingW * timeS);
    this.idle.add(idleW * timeS);
  }

  /** After the pipelines have met. */
  private close(): CapTooLow | undefined {
    const { timing } = this.capped.job;
    const phases = [
      ...AFTER_MEETING.map(({ activity, field }) => ({ activity, timeS: timing[field] ?? 0 })),
      { activity: 'between iterations' as const, timeS: timing.iterationConstantS },
    ];
    for (const { activity, timeS } of phases) {
      if (timeS <= 0) continue;
      for (const stage of this.stages) stage.close(activity);
      const powerW = this.sums.exactW(0);
      if (powerW > this.capW) return { neededW: powerW };
      this.hold(timeS, powerW, 0);
    }
    return undefined;
  }

  /** The power at the lowest clocks if a stage goes on; added up as when it has gone on. */
  private powerWith(next: CappedStage): number {
    let sumW = 0;
    for (const stage of this.stages) {
      sumW += stage === next ? stage.nextLowestW() : stage.drawnW(0);
    }
    return sumW;
  }

  /** The power with the least of what is ready. */
  private leastNeededW(): number {
    const nowS = this.now.value();
    const ready = this.stages.filter((stage) => stage.isReady(nowS));
    return ready.reduce((leastW, stage) => Math.min(leastW, this.powerWith(stage)), Infinity);
  }
}
