import type { ComputationDag } from '../../../src/pipeline/dag.js';
import type { GpuCounting } from '../../energy/gpu-powers.js';
import { stagePowers, type StagePowers } from '../../energy/power-segments.js';
import type { ClosingActivity } from '../../training/phases.js';
import type { ExecutedWorkload } from '../../training/pipeline-run.js';
import type { CeilingOptions } from './clock-ceilings.js';
import { timedPhases, type TimedPhase } from './instruction-course.js';

/** Facts that the stages of identical pipelines share. */
export interface CappedPipeline {
  readonly dag: ComputationDag;
  readonly gpus: GpuCounting;
  readonly executed: ExecutedWorkload;
  readonly optionsOf: (executed: ExecutedWorkload, instruction: number) => CeilingOptions;
  /** GPUs of a stage in all of these pipelines. */
  readonly gpuCount: number;
  /** Per instruction: the time at which its output is at hand; Infinity while that is not known. */
  readonly arrivesS: Float64Array;
}

/** Times that differ by less are the same: they are sums of the same times in another order. */
const SAME_TIME = 1e-12;

/** A stage of identical pipelines: its GPUs do the same, and the ceiling decides how fast. */
export class CappedStage {
  private readonly powers: StagePowers;
  private readonly phases: readonly TimedPhase[];
  private readonly inputPhase: number;
  private readonly first: number;
  private readonly end: number;
  /** The instruction and the phase of it that runs, or that comes next. */
  private instruction: number;
  private phase = 0;
  /** The end of the phase before. */
  private freeS: number;
  /** The phase that runs, if one does: its length as executed, what is left of it, and its clocks. */
  private running:
    { wholeS: number; leftS: number; options: CeilingOptions | undefined } | undefined;
  /** The time at which the next phase can begin, once that is known. */
  private knownReadyS = Infinity;
  /** Of one GPU that does not compute. */
  private idleW: number;

  constructor(
    private readonly pipeline: CappedPipeline,
    stage: number,
  ) {
    const { dag, gpus, executed } = pipeline;
    this.powers = stagePowers(dag, gpus, executed, stage);
    this.phases = timedPhases(executed);
    this.inputPhase = this.phases.findIndex(({ lengthS }) => lengthS === 'until the input');
    this.instruction = this.first = dag.stageStart[stage]!;
    this.end = dag.stageStart[stage + 1]!;
    this.freeS = executed.startsS ?? 0;
    this.idleW = this.waitingW();
  }

  /** Whether its last instruction has ended. */
  get isDone(): boolean {
    return this.instruction >= this.end;
  }

  get isComputing(): boolean {
    return this.running?.options !== undefined;
  }

  /** Power of all its GPUs under a ceiling. */
  drawnW(ceiling: number): number {
    const ofOneW = this.running?.options?.powerW[ceiling] ?? this.idleW;
    return this.pipeline.gpuCount * ofOneW;
  }

  /** The time at which the next phase can begin; Infinity if one runs, or that is not known. */
  readyS(): number {
    if (this.running !== undefined || this.isDone) return Infinity;
    if (this.knownReadyS === Infinity) {
      this.knownReadyS =
        this.phase < this.inputPhase ? this.freeS : Math.max(this.freeS, this.inputS());
    }
    return this.knownReadyS;
  }

  /** Whether the next phase can begin now. */
  isReady(nowS: number): boolean {
    return this.readyS() - nowS <= SAME_TIME * nowS;
  }

  /** Power of all its GPUs in the next phase, at the lowest clocks. */
  nextLowestW(): number {
    const { activity, clock, lengthS } = this.phases[this.phase]!;
    const i = this.instruction;
    if (lengthS === 'until the input' || lengthS(i) <= 0) return 0;
    const { gpuCount, optionsOf, executed } = this.pipeline;
    return (
      gpuCount *
      (activity === 'computing'
        ? optionsOf(executed, i).powerW[0]!
        : this.powers(activity, i, clock))
    );
  }

  /** Begins the next phase; one that takes no time ends too. */
  begin(nowS: number): void {
    const { activity, clock, lengthS } = this.phases[this.phase]!;
    const i = this.instruction;
    const wholeS = lengthS === 'until the input' ? 0 : lengthS(i);
    if (wholeS <= 0) {
      this.finish(nowS);
      return;
    }
    const { optionsOf, executed } = this.pipeline;
    const options = activity === 'computing' ? optionsOf(executed, i) : undefined;
    if (options === undefined) this.idleW = this.powers(activity, i, clock);
    this.running = { wholeS, leftS: wholeS, options };
  }

  /** The time until something happens by itself under a ceiling; Infinity if nothing does. */
  untilEventS(ceiling: number, nowS: number): number {
    const { running } = this;
    if (running !== undefined) return running.leftS / (running.options?.speed[ceiling] ?? 1);
    const readyS = this.readyS();
    return readyS - nowS <= SAME_TIME * nowS ? Infinity : readyS - nowS;
  }

  /** Goes on for a time under a ceiling. @returns whether a phase has ended: `finish` ends it. */
  proceed(timeS: number, ceiling: number): boolean {
    const { running } = this;
    if (running === undefined) return false;
    running.leftS -= timeS * (running.options?.speed[ceiling] ?? 1);
    return running.leftS <= SAME_TIME * running.wholeS;
  }

  /** Does something together with all other stages, after the last instruction. */
  close(activity: ClosingActivity): void {
    this.idleW = this.powers(activity, this.first, 'before');
  }

  /** Ends the phase that runs. */
  finish(nowS: number): void {
    const { arrivesS, executed } = this.pipeline;
    const i = this.instruction;
    const { activity } = this.phases[this.phase]!;
    this.running = undefined;
    this.freeS = nowS;
    this.knownReadyS = Infinity;
    this.phase++;
    const next = this.phases[this.phase]?.activity;
    if (activity === 'stalled' || (activity === 'computing' && next !== 'stalled')) {
      arrivesS[i] = nowS + executed.timing.outputDelayS[i]!;
    }
    if (this.phase === this.phases.length) {
      this.phase = 0;
      this.instruction++;
    }
    this.idleW = this.waitingW();
  }

  private waitingW(): number {
    const { instruction: i, phase } = this;
    if (this.isDone) return this.powers('waiting for a stage', this.first, 'before');
    const hasOwnClock = phase > 0 && this.phases[phase - 1]!.clock === 'own';
    return this.powers('waiting for a stage', i, hasOwnClock ? 'own' : 'before');
  }

  private inputS(): number {
    const { dag, arrivesS } = this.pipeline;
    const { stage, predecessorStart, predecessor } = dag;
    const i = this.instruction;
    let inputS = 0;
    for (let a = predecessorStart[i]!; a < predecessorStart[i + 1]!; a++) {
      const needed = predecessor[a]!;
      if (stage[needed] !== stage[i] && arrivesS[needed]! > inputS) inputS = arrivesS[needed]!;
    }
    return inputS;
  }
}
