import { lastPassing } from '../../last-passing.js';
import { lagBetween, pathTimes } from '../../pipeline/critical-path.js';
import type { PlanningProblem } from '../planner.js';

/** Halvings of the part of the durations that is kept, to a thousandth of it. */
const SHORTENINGS = 10;

/**
 * Whole durations within a deadline that are near wanted ones: O(instructions + arcs), twelve times.
 *
 * Two ways are tried, and the cheaper result is taken. One takes the same part off whatever all
 * instructions have beyond their shortest durations. The other keeps the times at which instructions
 * begin, as far as the shortest durations allow, so that a path that is too long is shortened where
 * it is. In both, instructions then take the time that nothing waits for.
 */
export class DeadlineFit {
  private readonly shortest: Int32Array;
  private readonly longest: Int32Array;
  /** Ticks of the iteration at the shortest durations, and the latest starts there. */
  readonly fastestTicks: number;
  readonly slowestTicks: number;
  private readonly latestStart: Float64Array;

  constructor(private readonly problem: PlanningProblem) {
    const { dag, operations, lags } = problem;
    this.shortest = Int32Array.from(dag.operation, (op) => operations[op]!.minTicks);
    this.longest = Int32Array.from(dag.operation, (op) => operations[op]!.maxTicks);
    const fastest = pathTimes(dag, this.shortest, lags?.ticks);
    this.fastestTicks = fastest.length;
    this.latestStart = fastest.latestStart;
    this.slowestTicks = this.lengthOf(this.longest);
  }

  /**
   * @param wanted per instruction, in ticks, not necessarily whole.
   * @param ticks at least `fastestTicks`.
   */
  within(wanted: Float64Array, ticks: number): Int32Array {
    const whole = Int32Array.from(wanted, (duration, i) =>
      Math.max(this.shortest[i]!, Math.min(this.longest[i]!, Math.round(duration))),
    );
    const ways = [this.shortened(whole, ticks), this.betweenStarts(wanted, ticks)];
    const [one, other] = ways.map((durations) => {
      const found = [whole, this.longest].reduce(
        (now, most) => this.lengthened(now, most, ticks),
        durations,
      );
      return { found, costJ: this.costJ(found) };
    });
    return one!.costJ <= other!.costJ ? one!.found : other!.found;
  }

  /** Σ effective energy of these durations. */
  costJ(durations: Int32Array): number {
    const { dag, operations } = this.problem;
    return durations.reduce((sumJ, duration, i) => {
      const { costJ, minTicks } = operations[dag.operation[i]!]!;
      return sumJ + costJ[duration - minTicks]!;
    }, 0);
  }

  lengthOf(durations: Int32Array): number {
    return pathTimes(this.problem.dag, durations, this.problem.lags?.ticks).length;
  }

  /** The largest part of what durations have beyond the shortest ones that keeps the deadline. */
  private shortened(wanted: Int32Array, ticks: number): Int32Array {
    const parts = 2 ** SHORTENINGS;
    const kept = (part: number) =>
      wanted.map((duration, i) => {
        const shortest = this.shortest[i]!;
        return shortest + Math.floor(((duration - shortest) * part) / parts);
      });
    return kept(lastPassing(0, parts, (part) => this.lengthOf(kept(part)) <= ticks));
  }

  /** The durations between starts that are near those of the wanted durations. */
  private betweenStarts(wanted: Float64Array, ticks: number): Int32Array {
    const { dag, lags } = this.problem;
    const { successorStart, successor, topologicalOrder } = dag;
    const lag = (from: number, to: number) =>
      lags === undefined ? 0 : lagBetween(dag, lags.ticks, from, to);
    const planned = pathTimes(dag, wanted, lags?.ticks);
    const start = planned.earliestStart.map((at) => Math.round((at * ticks) / planned.length));
    const later = ticks - this.fastestTicks;
    for (const i of topologicalOrder) {
      start[i] = Math.min(start[i]!, this.latestStart[i]! + later);
      const soonest = start[i] + this.shortest[i]!;
      for (let a = successorStart[i]!; a < successorStart[i + 1]!; a++) {
        const next = successor[a]!;
        start[next] = Math.max(start[next]!, soonest + lag(i, next));
      }
    }
    return this.longest.map((longest, i) => {
      let end = ticks - (lags?.ticks.ownStage[i] ?? 0);
      for (let a = successorStart[i]!; a < successorStart[i + 1]!; a++) {
        end = Math.min(end, start[successor[a]!]! - lag(i, successor[a]!));
      }
      return Math.min(longest, end - start[i]!);
    });
  }

  /** Gives instructions the time that nothing waits for, as those before them have left it. */
  private lengthened(durations: Int32Array, most: Int32Array, ticks: number): Int32Array {
    const { dag, lags } = this.problem;
    const { topologicalOrder, predecessorStart, predecessor } = dag;
    const { latestStart, length } = pathTimes(dag, durations, lags?.ticks);
    const longer = durations.slice();
    const end = new Float64Array(dag.instructionCount);
    for (const i of topologicalOrder) {
      let start = 0;
      for (let a = predecessorStart[i]!; a < predecessorStart[i + 1]!; a++) {
        const p = predecessor[a]!;
        const lag = lags === undefined ? 0 : lagBetween(dag, lags.ticks, p, i);
        start = Math.max(start, end[p]! + lag);
      }
      const slack = latestStart[i]! + (ticks - length) - start;
      longer[i] = Math.max(durations[i]!, Math.min(most[i]!, durations[i]! + slack));
      end[i] = start + longer[i];
    }
    return longer;
  }
}
