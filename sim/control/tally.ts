import type { RankTally } from './events.js';
import type { ProfilingResult } from './protocol.js';

/** The reports of a job's ranks, added up: what is kept of them does not grow with the iterations. */
export class Tally {
  private readonly ofRank = new Map<number, RankTally>();

  get reports(): number {
    let reports = 0;
    for (const rank of this.ofRank.values()) reports += rank.reports;
    return reports;
  }

  /** The reports of one rank. */
  of(rank: number): RankTally | undefined {
    return this.ofRank.get(rank);
  }

  add({ rank, iter_time, iter_energy, round }: ProfilingResult, digest: string): void {
    const before = this.ofRank.get(rank);
    this.ofRank.set(rank, {
      rank,
      reports: (before?.reports ?? 0) + 1,
      iterations: (before?.iterations ?? 0) + iter_time.length,
      timeS: (before?.timeS ?? 0) + sum(iter_time),
      energyJ: (before?.energyJ ?? 0) + sum(iter_energy),
      digest,
      ...(round === undefined ? {} : { round }),
    });
  }

  put(tallies: readonly RankTally[]): void {
    for (const tally of tallies) this.ofRank.set(tally.rank, tally);
  }

  /** Plain data, by rank. */
  list(): RankTally[] {
    return [...this.ofRank.values()].sort((a, b) => a.rank - b.rank);
  }

  /**
   * The mean iteration: its time is that of the slowest rank, its energy that of all ranks, or
   * undefined while one of `ranks` has reported nothing. `iterations` is what every rank has.
   */
  mean(ranks: number): MeanIteration | undefined {
    if (this.ofRank.size === 0) return undefined;
    let timeS = 0;
    let energyJ = 0;
    let iterations = Infinity;
    for (const rank of this.ofRank.values()) {
      timeS = Math.max(timeS, rank.timeS / rank.iterations);
      energyJ += rank.energyJ / rank.iterations;
      iterations = Math.min(iterations, rank.iterations);
    }
    const isWhole = this.ofRank.size === ranks;
    return { timeS, iterations, ...(isWhole ? { energyJ } : {}), ranks: this.ofRank.size };
  }
}

/** The mean of reported iterations. */
export interface MeanIteration {
  /** Of the slowest rank. */
  readonly timeS: number;
  /** Of all ranks; absent until all have reported. */
  readonly energyJ?: number;
  /** Iterations that every rank that reports has reported. */
  readonly iterations: number;
  /** Ranks that have reported. */
  readonly ranks: number;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
