import {
  arcLags,
  findLatestEnds,
  startAfterOthers,
  type ArcLags,
} from '../../pipeline/arc-lags.js';
import type { Lags } from '../../pipeline/critical-path.js';
import type { ComputationDag } from '../../pipeline/dag.js';
import type { FlatChoices } from './flat-choices.js';
import { PowerGrid } from './power-grid.js';

/** Sums of the same times along different paths differ in the last bits. */
const ROUNDING = 1e-12;

/**
 * A choice of clock for every instruction that meets a deadline, and the variance of the pipeline's
 * power until then. Changes are tried one at a time: one costs as much as the instructions that it
 * moves and the cells of the grid in which power changes.
 */
export class FlatSearch {
  /** Per instruction: index of its choice, 0 the fastest. */
  readonly choice: Int32Array;
  /** Σ effective energy of one GPU of each stage. */
  effectiveJ = 0;
  /** Instructions looked at so far: a measure of time that is the same on every machine. */
  visits = 0;

  private readonly timeS: Float64Array;
  private readonly powerW: Float64Array;
  private readonly startS: Float64Array;
  /** Starts in the trial: those of `startS` but for the moved instructions. */
  private readonly trialStartS: Float64Array;
  private readonly moved: number[] = [];
  private readonly isPending: Uint8Array;
  /** Latest end of each instruction that still meets the deadline. */
  private readonly latestEndS: Float64Array;
  /** Per instruction: its place in the topological order. */
  private readonly place: Int32Array;
  private readonly lags: ArcLags;
  private readonly grid: PowerGrid;
  private meanSquare = 0;

  /**
   * @param choices indexed by `dag.operation[i]`.
   * @param periodS the deadline, when the next iteration begins.
   * @param cells of the grid on which power is averaged.
   */
  constructor(
    readonly dag: ComputationDag,
    readonly choices: readonly FlatChoices[],
    readonly periodS: number,
    cells: number,
    lagS: Lags | undefined,
  ) {
    const n = dag.instructionCount;
    const zeros = () => new Float64Array(n);
    this.choice = new Int32Array(n);
    [this.timeS, this.powerW, this.latestEndS] = [zeros(), zeros(), zeros()];
    [this.startS, this.trialStartS] = [zeros(), zeros()];
    this.isPending = new Uint8Array(n);
    this.place = new Int32Array(n);
    dag.topologicalOrder.forEach((i, k) => (this.place[i] = k));
    this.lags = arcLags(dag, lagS);
    this.grid = new PowerGrid(periodS, cells);
  }

  /** Variance of power over the period, one GPU of each stage added up; W². */
  get variance(): number {
    return this.meanSquare - (this.effectiveJ / this.periodS) ** 2;
  }

  /** Sets every choice; they must meet the deadline. O(instructions + arcs + cells). */
  set(choice: ArrayLike<number>): void {
    const { dag, grid, lags, startS, timeS, powerW } = this;
    this.choice.set(choice);
    this.effectiveJ = 0;
    grid.clear();
    for (const i of dag.topologicalOrder) {
      const of = this.choicesOf(i);
      const k = choice[i]!;
      timeS[i] = of.timeS[k]!;
      powerW[i] = of.powerW[k]!;
      this.effectiveJ += of.effectiveJ[k]!;
      const start = startAfterOthers(dag, lags, i, startS, timeS);
      startS[i] = start;
      grid.try(start, start + timeS[i], powerW[i]);
    }
    grid.accept();
    this.meanSquare = grid.meanSquare();
    this.trialStartS.set(startS);
    this.findLatestEnds();
    this.visits += timeS.length;
  }

  /** Mean power above waiting, all stages added up. */
  get meanW(): number {
    return this.effectiveJ / this.periodS;
  }

  /** Mean power of all others while an instruction runs, above waiting. */
  othersW(i: number): number {
    const start = this.startS[i]!;
    return this.grid.meanW(start, start + this.timeS[i]!) - this.powerW[i]!;
  }

  /** Whether an instruction may run at a choice within the deadline. */
  fits(i: number, to: number): boolean {
    const { timeS } = this.choicesOf(i);
    return this.startS[i]! + timeS[to]! <= this.latestEndS[i]! + this.periodS * ROUNDING;
  }

  choicesOf(i: number): FlatChoices {
    return this.choices[this.dag.operation[i]!]!;
  }

  /** The energy that a change would add. */
  addedJ(i: number, to: number): number {
    const { effectiveJ } = this.choicesOf(i);
    return effectiveJ[to]! - effectiveJ[this.choice[i]!]!;
  }

  /**
   * Tries a change. @returns the variance that it would add.
   * Either `accept` or `discard` must follow.
   */
  try(i: number, to: number): number {
    const { grid, startS, timeS, powerW, periodS } = this;
    const of = this.choicesOf(i);
    const start = startS[i]!;
    grid.try(start, start + timeS[i]!, -powerW[i]!);
    grid.try(start, start + of.timeS[to]!, of.powerW[to]!);
    this.moveSuccessors(i, of.timeS[to]!);
    const before = this.effectiveJ / periodS;
    const after = before + this.addedJ(i, to) / periodS;
    return grid.trialSquare() - (after * after - before * before);
  }

  discard(): void {
    const { moved, trialStartS, startS } = this;
    this.grid.discard();
    for (const j of moved) trialStartS[j] = startS[j]!;
    moved.length = 0;
  }

  /** Makes the change that was just tried. O(instructions + arcs). */
  accept(i: number, to: number): void {
    const { grid, startS, trialStartS, moved } = this;
    const of = this.choicesOf(i);
    this.meanSquare += grid.trialSquare();
    grid.accept();
    this.effectiveJ += this.addedJ(i, to);
    this.choice[i] = to;
    this.timeS[i] = of.timeS[to]!;
    this.powerW[i] = of.powerW[to]!;
    for (const j of moved) startS[j] = trialStartS[j]!;
    moved.length = 0;
    this.findLatestEnds();
    this.visits += this.choice.length;
  }

  /** Moves, in the trial, whatever begins at another time once instruction i takes this long. */
  private moveSuccessors(i: number, newTimeS: number): void {
    const { dag, startS, trialStartS, timeS, powerW, isPending, grid, moved } = this;
    const { topologicalOrder } = dag;
    const tolerance = this.periodS * ROUNDING;
    const oldTimeS = timeS[i]!;
    timeS[i] = newTimeS;
    let pending = this.awaken(i);
    for (let k = this.place[i]! + 1; pending > 0; k++) {
      const j = topologicalOrder[k]!;
      if (isPending[j] === 0) continue;
      isPending[j] = 0;
      pending--;
      this.visits++;
      const start = startAfterOthers(dag, this.lags, j, trialStartS, timeS);
      const before = startS[j]!;
      if (Math.abs(start - before) <= tolerance) continue;
      trialStartS[j] = start;
      moved.push(j);
      grid.try(before, start, -powerW[j]!);
      grid.try(before + timeS[j]!, start + timeS[j]!, powerW[j]!);
      pending += this.awaken(j);
    }
    timeS[i] = oldTimeS;
  }

  /** Marks the instructions that wait for one. @returns the number of new marks. */
  private awaken(j: number): number {
    const { isPending } = this;
    const { successorStart, successor } = this.dag;
    let marked = 0;
    for (let a = successorStart[j]!; a < successorStart[j + 1]!; a++) {
      const next = successor[a]!;
      if (isPending[next] === 1) continue;
      isPending[next] = 1;
      marked++;
    }
    return marked;
  }

  private findLatestEnds(): void {
    const { dag, lags, timeS, periodS, latestEndS } = this;
    findLatestEnds(dag, lags, timeS, periodS, latestEndS);
  }
}
