import { lastPassing } from '../../last-passing.js';
import { growingDoubles, growingInts } from './growing-list.js';

/** One step along the frontier, as the solver takes it. */
export interface FrontierStep {
  /** Length of the iteration after the step, in ticks. */
  readonly lengthTicks: number;
  /** How many ticks shorter it is than before the step (0 for the starting point). */
  readonly stepTicks: number;
  /** Σ c(d) over all instructions, one GPU of each stage. */
  readonly effectiveEnergyJ: number;
  /**
   * Instructions whose duration changed by `stepTicks`: `2 · instruction + (1 if slowed down)`.
   * A view that is valid until the next step.
   */
  readonly changed: Int32Array;
}

/** A full plan is kept whenever so many times the instructions have changed. */
const CHANGES_PER_CHECKPOINT = 8;

/**
 * All steps along a frontier in memory that grows with the instructions and with the points, not
 * with their product.
 *
 * Successive steps mostly change the same instructions of the next microbatch, and the next: such a
 * *run* is stored once, with the distance from step to step. What is kept of every step is its
 * energy, 8 bytes; full plans are kept as often as rebuilding one takes some visits of every
 * instruction.
 *
 * Memory O(steps + changes of runs), of which checkpoints are at most an eighth of all changes.
 * A step is found in O(log runs), durations are rebuilt in O(instructions).
 */
export class StepLog {
  readonly slowestTicks: number;
  /** Steps, the starting point included. */
  stepCount = 1;
  /** Ticks that all steps took off. */
  private ticksOff = 0;

  /** Per step: Σ c(d) after it. */
  private readonly energyJ = growingDoubles();
  /** Per run: its first step, the ticks taken off before it and by each of its steps. */
  private readonly runStep = growingInts();
  private readonly runTicksOff = growingInts();
  private readonly runStepTicks = growingInts();
  /** Per run: how much further each step's changes lie than those of the step before; their end. */
  private readonly runShift = growingInts();
  private readonly runChangeEnd = growingInts();
  /** What the first step of each run changes, in rising order. */
  private readonly changes = growingInts();
  /** Full plans, and the run that each of them is before. */
  private readonly checkpoints: { readonly run: number; readonly duration: Int32Array }[] = [];

  /** What the last step changed, in rising order. */
  private readonly last: Int32Array;
  private lastCount = 0;
  private readonly sorted: Int32Array;
  private changesSinceCheckpoint = 0;

  /**
   * @param duration per instruction, at the starting point; kept up to date with the steps.
   * @param start the starting point.
   */
  constructor(
    private readonly duration: Int32Array,
    start: FrontierStep,
  ) {
    this.slowestTicks = start.lengthTicks;
    this.energyJ.push(start.effectiveEnergyJ);
    this.last = new Int32Array(duration.length);
    this.sorted = new Int32Array(duration.length);
    this.checkpoints.push({ run: 0, duration: duration.slice() });
  }

  get fastestTicks(): number {
    return this.slowestTicks - this.ticksOff;
  }

  add({ stepTicks, effectiveEnergyJ, changed }: FrontierStep): void {
    const { sorted, duration } = this;
    const count = changed.length;
    sortInto(sorted, changed);
    if (!this.continuesRun(count, stepTicks)) this.beginRun(count, stepTicks);
    for (let k = 0; k < count; k++) {
      const change = sorted[k]!;
      duration[change >> 1]! += (change & 1) === 1 ? stepTicks : -stepTicks;
      this.last[k] = change;
    }
    this.lastCount = count;
    this.changesSinceCheckpoint += count;
    this.energyJ.push(effectiveEnergyJ);
    this.ticksOff += stepTicks;
    this.stepCount++;
  }

  /** The first step that is not longer than so many ticks. */
  stepOf(ticks: number): number {
    const off = this.slowestTicks - ticks;
    if (off <= 0) return 0;
    const run = lastNotAbove(this.runTicksOff, off - 1);
    const ofRun = Math.ceil((off - this.runTicksOff.at(run)) / this.runStepTicks.at(run));
    return this.runStep.at(run) + ofRun - 1;
  }

  /** Length of the iteration after a step, in ticks. */
  lengthAfter(step: number): number {
    if (step === 0) return this.slowestTicks;
    const run = lastNotAbove(this.runStep, step);
    const ofRun = step - this.runStep.at(run) + 1;
    return this.slowestTicks - this.runTicksOff.at(run) - ofRun * this.runStepTicks.at(run);
  }

  /** Σ c(d) when the iteration takes so many ticks: linear within a step of several. */
  energyAt(ticks: number): number {
    const step = this.stepOf(ticks);
    const effectiveJ = this.energyJ.at(step);
    const back = ticks - this.lengthAfter(step);
    if (back === 0) return effectiveJ;
    const stepTicks = this.lengthAfter(step - 1) - this.lengthAfter(step);
    return effectiveJ + ((this.energyJ.at(step - 1) - effectiveJ) * back) / stepTicks;
  }

  /** Durations when the iteration takes so many ticks. */
  durationsAt(ticks: number): Int32Array {
    const step = this.stepOf(ticks);
    if (step === 0) return this.checkpoints[0]!.duration.slice();
    const run = lastNotAbove(this.runStep, step);
    let at = this.checkpoints.length - 1;
    while (this.checkpoints[at]!.run > run) at--;
    const checkpoint = this.checkpoints[at]!;
    const duration = checkpoint.duration.slice();
    for (let r = checkpoint.run; r < run; r++) {
      this.apply(duration, r, 0, this.runStep.at(r + 1) - this.runStep.at(r));
    }
    const ofRun = step - this.runStep.at(run) + 1;
    this.apply(duration, run, 0, ofRun);
    const back = ticks - this.lengthAfter(step);
    if (back > 0) this.apply(duration, run, ofRun - 1, ofRun, -back);
    return duration;
  }

  /** Changes what some steps of a run change, each by so many ticks. */
  private apply(
    duration: Int32Array,
    run: number,
    from: number,
    to: number,
    stepTicks = this.runStepTicks.at(run),
  ): void {
    const first = run === 0 ? 0 : this.runChangeEnd.at(run - 1);
    const end = this.runChangeEnd.at(run);
    const shift = this.runShift.at(run);
    for (let c = first; c < end; c++) {
      const change = this.changes.at(c);
      const ticks = (change & 1) === 1 ? stepTicks : -stepTicks;
      for (let k = from; k < to; k++) duration[(change + k * shift) >> 1]! += ticks;
    }
  }

  /** Whether the sorted changes are the last ones, all moved on by as much as those before. */
  private continuesRun(count: number, stepTicks: number): boolean {
    const run = this.runStep.length - 1;
    const isFull = this.changesSinceCheckpoint >= CHANGES_PER_CHECKPOINT * this.duration.length;
    if (run < 0 || isFull || count !== this.lastCount) return false;
    if (stepTicks !== this.runStepTicks.at(run)) return false;
    const { sorted, last } = this;
    const shift = count === 0 ? 0 : sorted[0]! - last[0]!;
    // An odd distance would turn what shrinks into what grows.
    if ((shift & 1) === 1) return false;
    for (let k = 1; k < count; k++) if (sorted[k]! - last[k]! !== shift) return false;
    const isSecond = this.runStep.at(run) === this.stepCount - 1;
    if (isSecond) this.runShift.set(run, shift);
    return this.runShift.at(run) === shift;
  }

  private beginRun(count: number, stepTicks: number): void {
    if (this.changesSinceCheckpoint >= CHANGES_PER_CHECKPOINT * this.duration.length) {
      this.checkpoints.push({ run: this.runStep.length, duration: this.duration.slice() });
      this.changesSinceCheckpoint = 0;
    }
    this.runStep.push(this.stepCount);
    this.runTicksOff.push(this.ticksOff);
    this.runStepTicks.push(stepTicks);
    this.runShift.push(0);
    for (let k = 0; k < count; k++) this.changes.push(this.sorted[k]!);
    this.runChangeEnd.push(this.changes.length);
  }
}

/** Few numbers come nearly in order: insertion is faster than a sort that is called. */
const FEW = 32;

function sortInto(sorted: Int32Array, values: Int32Array): void {
  sorted.set(values);
  if (values.length > FEW) {
    sorted.subarray(0, values.length).sort();
    return;
  }
  for (let k = 1; k < values.length; k++) {
    const value = sorted[k]!;
    let at = k;
    for (; at > 0 && sorted[at - 1]! > value; at--) sorted[at] = sorted[at - 1]!;
    sorted[at] = value;
  }
}

/** Index of the last entry of a rising list that is not above a value, which the first is not. */
function lastNotAbove(
  list: { readonly length: number; at(index: number): number },
  value: number,
): number {
  return lastPassing(0, list.length - 1, (k) => list.at(k) <= value);
}
