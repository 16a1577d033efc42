import { lastPassing } from '../../last-passing.js';
import { growingDoubles, growingInts } from './growing-list.js';

/** One step along the frontier, as taken by the solver. */
export interface FrontierStep {
  /** Length of the iteration after the step, in ticks. */
  readonly lengthTicks: number;
  /** Ticks by which the step shortened the iteration (0 for the starting point). */
  readonly stepTicks: number;
  /** Σ c(d) over all instructions, for one GPU of each stage. */
  readonly effectiveEnergyJ: number;
  /**
   * Instructions whose duration changed by `stepTicks`: `2 · instruction + (1 if slowed down)`.
   * A view that is valid until the next step.
   */
  readonly changed: Int32Array;
}

/**
 * A full plan is stored each time the number of changes since the last one reaches this multiple of
 * the number of instructions.
 */
const CHANGES_PER_CHECKPOINT = 8;

/**
 * All steps along a frontier. Memory grows with the number of instructions plus the number of
 * points, not with their product.
 *
 * Successive steps mostly change the same instructions of one microbatch after another: such a
 * *run* is stored once, with the distance from step to step. Every step keeps only its energy, 8
 * bytes; full plans are stored often enough that rebuilding one takes a few visits per instruction.
 *
 * Memory O(steps + changes of runs), with checkpoints at most an eighth of all changes. Finding a
 * step takes O(log runs), rebuilding durations O(instructions).
 */
export class StepLog {
  readonly slowestTicks: number;
  /** Number of steps, including the starting point. */
  stepCount = 1;
  /** Ticks taken off by all steps together. */
  private ticksOff = 0;

  /** Per step: Σ c(d) after it. */
  private readonly energyJ = growingDoubles();
  /**
   * Per run: its first step, the ticks taken off before it, and those taken off by each of its
   * steps.
   */
  private readonly runStep = growingInts();
  private readonly runTicksOff = growingInts();
  private readonly runStepTicks = growingInts();
  /** Per run: the offset of each step's changes from those of the step before, and their end. */
  private readonly runShift = growingInts();
  private readonly runChangeEnd = growingInts();
  /** Changes made by the first step of each run, in rising order. */
  private readonly changes = growingInts();
  /** Full plans, and the run that each of them precedes. */
  private readonly checkpoints: { readonly run: number; readonly duration: Int32Array }[] = [];

  /** Changes made by the last step, in rising order. */
  private readonly last: Int32Array;
  private lastCount = 0;
  private readonly sorted: Int32Array;
  private changesSinceCheckpoint = 0;

  /**
   * @param duration per instruction, at the starting point; updated with each step.
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

  /** The first step with an iteration of at most this many ticks. */
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

  /** Σ c(d) for an iteration of this many ticks: linear within a step of several ticks. */
  energyAt(ticks: number): number {
    const step = this.stepOf(ticks);
    const effectiveJ = this.energyJ.at(step);
    const back = ticks - this.lengthAfter(step);
    if (back === 0) return effectiveJ;
    const stepTicks = this.lengthAfter(step - 1) - this.lengthAfter(step);
    return effectiveJ + ((this.energyJ.at(step - 1) - effectiveJ) * back) / stepTicks;
  }

  /** Durations for an iteration of this many ticks. */
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

  /** Applies the changes of some steps of a run, each by this many ticks. */
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

  /** Whether the sorted changes are the last ones, all shifted by the same distance as before. */
  private continuesRun(count: number, stepTicks: number): boolean {
    const run = this.runStep.length - 1;
    const isFull = this.changesSinceCheckpoint >= CHANGES_PER_CHECKPOINT * this.duration.length;
    if (run < 0 || isFull || count !== this.lastCount) return false;
    if (stepTicks !== this.runStepTicks.at(run)) return false;
    const { sorted, last } = this;
    const shift = count === 0 ? 0 : sorted[0]! - last[0]!;
    // An odd distance would turn shortened instructions into lengthened ones.
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

/** A few numbers that arrive nearly sorted: insertion is faster than calling a sort. */
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

/**
 * Index of the last entry of a rising list that is not above a value. The first entry must not be.
 */
function lastNotAbove(
  list: { readonly length: number; at(index: number): number },
  value: number,
): number {
  return lastPassing(0, list.length - 1, (k) => list.at(k) <= value);
}
