import { lagBetween, pathTimes, type Lags, type PathTimes } from '../../pipeline/critical-path.js';
import type { ComputationDag } from '../../pipeline/dag.js';

/** A chain of instructions, each of which waits for the one before it. */
export interface Path {
  readonly instructions: Int32Array;
  /** Time of the path outside its instructions. */
  readonly lag: number;
}

/** Longest paths of a pipeline with given instruction durations. O(instructions) to construct. */
export class LongestPaths {
  private readonly times: PathTimes;

  constructor(
    private readonly dag: ComputationDag,
    private readonly duration: ArrayLike<number>,
    private readonly lags?: Lags,
  ) {
    this.times = pathTimes(dag, duration, lags);
  }

  /** Of the iteration. */
  get length(): number {
    return this.times.length;
  }

  /** A longest path of all. */
  longest(): Path {
    const { dag, duration, times } = this;
    let last = 0;
    let lastEnd = -Infinity;
    for (let i = 0; i < dag.instructionCount; i++) {
      const end = times.earliestStart[i]! + duration[i]! + this.endLag(i);
      if (end > lastEnd) [last, lastEnd] = [i, end];
    }
    return this.pathOf([...this.before(last), last]);
  }

  /** A longest path through all instructions of a stage. */
  throughStage(stage: number): Path {
    const first = this.dag.stageStart[stage]!;
    const end = this.dag.stageStart[stage + 1]!;
    const own = Array.from({ length: end - first }, (_, k) => first + k);
    return this.pathOf([...this.before(first), ...own, ...this.after(end - 1)]);
  }

  private before(instruction: number): number[] {
    const { predecessorStart, predecessor } = this.dag;
    const path: number[] = [];
    for (let i = instruction; ; i = path.at(-1)!) {
      let best = -1;
      let bestEnd = -Infinity;
      for (let a = predecessorStart[i]!; a < predecessorStart[i + 1]!; a++) {
        const p = predecessor[a]!;
        const end = this.times.earliestStart[p]! + this.duration[p]! + this.lag(p, i);
        if (end > bestEnd) [best, bestEnd] = [p, end];
      }
      if (best < 0) return path.reverse();
      path.push(best);
    }
  }

  private after(instruction: number): number[] {
    const { successorStart, successor } = this.dag;
    const path: number[] = [];
    for (let i = instruction; ; i = path.at(-1)!) {
      let best = -1;
      let latest = this.times.length - this.endLag(i);
      for (let a = successorStart[i]!; a < successorStart[i + 1]!; a++) {
        const next = successor[a]!;
        const end = this.times.latestStart[next]! - this.lag(i, next);
        if (end < latest || best < 0) [best, latest] = [next, end];
      }
      if (best < 0) return path;
      path.push(best);
    }
  }

  private pathOf(instructions: readonly number[]): Path {
    const last = instructions.at(-1)!;
    let lag = this.endLag(last);
    for (let k = 1; k < instructions.length; k++) {
      lag += this.lag(instructions[k - 1]!, instructions[k]!);
    }
    return { instructions: Int32Array.from(instructions), lag };
  }

  private lag(from: number, to: number): number {
    return this.lags === undefined ? 0 : lagBetween(this.dag, this.lags, from, to);
  }

  private endLag(i: number): number {
    return this.lags?.ownStage[i] ?? 0;
  }
}
