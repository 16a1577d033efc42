import { most } from '../../../src/extremes.js';
import type { ComputationDag } from '../../../src/pipeline/dag.js';
import type { GpuCounting } from '../../energy/gpu-powers.js';
import { stagePowers, type StagePowers } from '../../energy/power-segments.js';
import type { Job, JobRecord } from '../../training/job.js';
import { closingPhases } from '../../training/phases.js';
import type { ExecutedWorkload, PipelineRecord } from '../../training/pipeline-run.js';
import { GpuCourse, type GpuControls, type GpuState } from './gpu-course.js';
import { timedPhases, type TimedPhase } from './instruction-course.js';

/** The state of the GPUs of each stage of a pipeline between two iterations. */
export type PipelineState = readonly GpuState[];

/** The state of a pipeline's GPUs that have only waited. */
export function restingState(
  dag: ComputationDag,
  gpus: GpuCounting,
  { executed }: PipelineRecord,
): PipelineState {
  return Array.from({ length: dag.stageCount }, (_, s) => {
    const powerW = stagePowers(dag, gpus, executed, s);
    const drawnW = powerW('waiting for a stage', dag.stageStart[s]!, 'before');
    return { drawnW, belowFloorS: 0, idleS: 0 };
  });
}

/**
 * One pipeline that runs an iteration again, with controls on its GPUs. Instructions are run in
 * topological order: a stage's power depends on nothing but its own past and when its input comes.
 * O(instructions + steps).
 */
export class ControlledPipeline {
  /** The time at which the last stage is free. */
  readonly endS: number;
  /** One GPU of each stage. */
  readonly courses: readonly GpuCourse[];
  private readonly powers: readonly StagePowers[];

  constructor(
    private readonly job: Job,
    gpus: GpuCounting,
    controls: GpuControls,
    { executed }: PipelineRecord,
    state: PipelineState,
  ) {
    const { dag } = job;
    this.courses = state.map((ofStage) => new GpuCourse(controls, ofStage));
    this.powers = state.map((_, s) => stagePowers(dag, gpus, executed, s));
    this.endS = this.run(executed);
  }

  /** Ends the iteration: waits for the other pipelines, and for what they do together. */
  close({ meetS, iterationTimeS }: Pick<JobRecord, 'meetS' | 'iterationTimeS'>): void {
    const { dag, timing } = this.job;
    const phases = closingPhases(timing, { meetS, iterationTimeS }, this);
    this.courses.forEach((course, s) => {
      const first = dag.stageStart[s]!;
      const powerW = this.powers[s]!;
      course.idleUntil(this.endS, powerW('waiting for a stage', first, 'before'));
      for (const { activity, untilS } of phases) {
        course.idleUntil(untilS, powerW(activity, first, 'before'));
      }
    });
  }

  private run(executed: ExecutedWorkload): number {
    const { dag } = this.job;
    const { instructionCount: n, stageCount, stage, topologicalOrder } = dag;
    const phases = timedPhases(executed);
    const freeS = new Float64Array(stageCount).fill(executed.startsS ?? 0);
    const arrivesS = new Float64Array(n);
    this.courses.forEach((course, s) => {
      course.idleUntil(
        freeS[s]!,
        this.powers[s]!('waiting for a stage', dag.stageStart[s]!, 'before'),
      );
    });
    for (let k = 0; k < n; k++) {
      const i = topologicalOrder[k]!;
      const s = stage[i]!;
      const computedS = this.instruction(i, this.inputS(i, arrivesS), phases);
      freeS[s] = this.courses[s]!.nowS;
      arrivesS[i] = computedS + executed.timing.outputDelayS[i]!;
    }
    return most(freeS);
  }

  /** The time at which all inputs of an instruction have come. */
  private inputS(i: number, arrivesS: Float64Array): number {
    const { stage, predecessorStart, predecessor } = this.job.dag;
    let inputS = 0;
    for (let a = predecessorStart[i]!; a < predecessorStart[i + 1]!; a++) {
      const needed = predecessor[a]!;
      if (stage[needed] !== stage[i] && arrivesS[needed]! > inputS) inputS = arrivesS[needed]!;
    }
    return inputS;
  }

  /** Runs an instruction. @returns the end of its computing, stalls included. */
  private instruction(i: number, inputS: number, phases: readonly TimedPhase[]): number {
    const s = this.job.dag.stage[i]!;
    const course = this.courses[s]!;
    const powerW = this.powers[s]!;
    let computedS = 0;
    for (const { activity, clock, lengthS } of phases) {
      const wantedW = powerW(activity, i, clock);
      if (activity === 'computing') {
        computedS = course.compute(lengthOf(lengthS, i), wantedW);
        continue;
      }
      const untilS = lengthS === 'until the input' ? inputS : course.nowS + lengthS(i);
      course.idleUntil(untilS, wantedW);
      if (activity === 'stalled') computedS = course.nowS;
    }
    return computedS;
  }
}

function lengthOf(lengthS: TimedPhase['lengthS'], i: number): number {
  return lengthS === 'until the input' ? 0 : lengthS(i);
}
