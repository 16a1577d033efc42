import {
  arcLags,
  findLatestEnds,
  startAfterOthers,
  type ArcLags,
} from '../../pipeline/arc-lags.js';
import type { Lags } from '../../pipeline/critical-path.js';
import type { ComputationDag } from '../../pipeline/dag.js';
import type { ClockChoices } from './clock-choices.js';

/** Sums of the same times along different paths differ in the last bits. */
const ROUNDING = 1e-12;
/** Speed-ups considered for an exchange; distant ones only in small pipelines. */
const MOST_SPEED_UPS = 1000;
/** Exchanges tried for one plan; further ones have diminishing returns. */
const MOST_EXCHANGES = 64;

/**
 * A choice of clock for every instruction that meets a deadline in exact times, and moves that make
 * it cheaper. Start times are kept up to date incrementally: a move costs as much as it shifts.
 */
export class ClockSearch {
  /** Per instruction: index of its choice, 0 the fastest. */
  readonly choice: Int32Array;
  /** Σ effective energy. */
  energyJ = 0;
  /** The iteration's time with these clocks. */
  lengthS = 0;

  private readonly timeS: Float64Array;
  private readonly earliestS: Float64Array;
  /** Latest end of each instruction that still meets the deadline. */
  private readonly latestEndS: Float64Array;
  private readonly lags: ArcLags;

  /**
   * @param choices indexed by `dag.operation[i]`.
   */
  constructor(
    private readonly dag: ComputationDag,
    private readonly choices: readonly ClockChoices[],
    private readonly deadlineS: number,
    lagS: Lags | undefined,
  ) {
    const n = dag.instructionCount;
    this.choice = new Int32Array(n);
    this.timeS = new Float64Array(n);
    this.earliestS = new Float64Array(n);
    this.latestEndS = new Float64Array(n);
    this.lags = arcLags(dag, lagS);
  }

  /** Sets every choice; O(instructions + arcs). @returns the iteration's time. */
  set(choice: ArrayLike<number>): number {
    const { dag, choices } = this;
    this.choice.set(choice);
    this.energyJ = 0;
    for (let i = 0; i < dag.instructionCount; i++) {
      const { timeS, effectiveJ } = choices[dag.operation[i]!]!;
      this.timeS[i] = timeS[choice[i]!]!;
      this.energyJ += effectiveJ[choice[i]!]!;
    }
    this.findEarliestStarts();
    return this.lengthS;
  }

  get keepsDeadline(): boolean {
    return this.lengthS <= this.deadlineS * (1 + ROUNDING);
  }

  /**
   * Slows instructions down one clock at a time while the deadline allows, each time the one that
   * saves most energy per added time. O(moves · (instructions + arcs)).
   *
   * @param barred an instruction that keeps its clock.
   */
  slowDown(barred = -1): void {
    this.findLatestEnds();
    for (;;) {
      const i = this.bestSlowDown(barred);
      if (i < 0) return;
      this.move(i, this.choice[i]! + 1);
    }
  }

  /**
   * Speeds one instruction up and gives the time to others as long as that saves energy, beginning
   * with those that are cheapest to speed up. O(tries · moves · (instructions + arcs)).
   */
  exchange(): void {
    let tries = 0;
    const improve = (): boolean => {
      const before = this.choice.slice();
      const beforeJ = this.energyJ;
      for (const { i, to } of this.cheapestSpeedUps()) {
        if (tries++ === MOST_EXCHANGES) return false;
        this.move(i, to);
        this.slowDown(i);
        if (this.energyJ < beforeJ - Math.abs(beforeJ) * ROUNDING) return true;
        this.set(before);
      }
      return false;
    };
    while (improve());
  }

  /** One instruction at one of its faster clocks, with the cost of that speed-up. */
  private cheapestSpeedUps(): { readonly i: number; readonly to: number }[] {
    const { dag, choices, choice } = this;
    const costJ = (i: number, to: number) => {
      const { effectiveJ } = choices[dag.operation[i]!]!;
      return effectiveJ[to]! - effectiveJ[choice[i]!]!;
    };
    const fewer = Math.max(1, Math.floor(MOST_SPEED_UPS / choice.length));
    return Array.from(choice, (now, i) =>
      Array.from({ length: Math.min(now, fewer) }, (_, k) => {
        const to = now - 1 - k;
        return { i, to, costJ: costJ(i, to) };
      }),
    )
      .flat()
      .sort((a, b) => a.costJ - b.costJ || a.i - b.i || a.to - b.to);
  }

  private bestSlowDown(barred: number): number {
    const { dag, choices, choice, timeS, earliestS, latestEndS } = this;
    const tolerance = this.deadlineS * ROUNDING;
    let best = -1;
    let bestRate = 0;
    for (let i = 0; i < dag.instructionCount; i++) {
      const of = choices[dag.operation[i]!]!;
      const next = choice[i]! + 1;
      if (next === of.timeS.length || i === barred) continue;
      if (earliestS[i]! + of.timeS[next]! > latestEndS[i]! + tolerance) continue;
      const savedJ = of.effectiveJ[next - 1]! - of.effectiveJ[next]!;
      const rate = savedJ / (of.timeS[next]! - timeS[i]!);
      if (rate > bestRate) {
        best = i;
        bestRate = rate;
      }
    }
    return best;
  }

  private move(i: number, to: number): void {
    const { timeS, effectiveJ } = this.choices[this.dag.operation[i]!]!;
    this.energyJ += effectiveJ[to]! - effectiveJ[this.choice[i]!]!;
    this.choice[i] = to;
    this.timeS[i] = timeS[to]!;
    this.findEarliestStarts();
    this.findLatestEnds();
  }

  private findEarliestStarts(): void {
    const { dag, timeS, earliestS, lags } = this;
    let lengthS = 0;
    for (const i of dag.topologicalOrder) {
      const start = startAfterOthers(dag, lags, i, earliestS, timeS);
      earliestS[i] = start;
      const end = start + timeS[i]! + lags.toEnd[i]!;
      if (end > lengthS) lengthS = end;
    }
    this.lengthS = lengthS;
  }

  private findLatestEnds(): void {
    const { dag, lags, timeS, deadlineS, latestEndS } = this;
    findLatestEnds(dag, lags, timeS, deadlineS, latestEndS);
  }
}
