import { PROFILED_KINDS, byKind, type ProfiledKind } from '../../../src/profile/stage-profile.js';
import {
  cellKey,
  cellsOf,
  iterationFigures,
  middleMean,
  type Cost,
  type IterationFigures,
  type KindClocks,
  type RankReport,
  type StageWork,
} from './stage-work.js';

/** The pace of a sweep; each has a default. */
export interface SweepPace {
  /** Iterations after a change of clocks that do not count. */
  readonly warmUp: number;
  /** Iterations that count, at each clock; at the highest, on which plans depend most, `HIGHEST` times. */
  readonly measured: number;
  /** Each how many-th clock is measured; the others are filled in from fitted curves. */
  readonly stride: number;
}

/** Critical instructions run the highest clock: its times decide which ones are critical. */
const HIGHEST = 4;
/** Rises of energy in a row that end a sweep (Zeus' advice). */
const RISES = 5;
/** A rank this many clocks behind the first one of its stage is no longer waited for. */
const MOST_BEHIND = 3;
/** Ranks of a stage that are listened to: their mean knows more than enough. */
const MOST_RANKS = 64;

/** Measurements of a rank at one clock, by cell. */
export type Costs = Readonly<Record<string, Cost>>;

/** The sweep of one rank: plain data. */
interface RankSweep {
  /** Number of the clock that it runs. */
  position: number;
  /** Iterations at this clock that do not count. */
  warmedUp: number;
  /** Iterations at this clock that count. */
  samples: Costs[];
  /** By number of the clock. */
  readonly done: Record<number, Costs>;
}

/** The sweep of one kind of instruction: plain data. */
interface KindSweep {
  /** Energies of a stage's instructions of this kind, J, by number of the clock. */
  readonly energyJ: number[];
  rises: number;
  isOver: boolean;
}

/** The sweep of one stage as plain data. */
export interface StageSweepState {
  readonly ranks: Record<number, RankSweep>;
  readonly silent: number[];
  readonly kinds: Record<ProfiledKind, KindSweep>;
  /** Clocks that are done with. */
  decided: number;
  ignored: number;
  /** Of all iterations: what is not of instructions. */
  readonly waiting: { timeS: number; energyJ: number };
  /** Time of all iterations, s. */
  allS: number;
}

/** Sweeps the clocks of one stage, from the highest down, as its ranks report. */
export class StageSweep {
  /**
   * @param clocksMHz clocks that are measured, highest first.
   * @param expected ranks of the stage.
   */
  constructor(
    readonly work: StageWork,
    readonly clocksMHz: readonly number[],
    private readonly expected: readonly number[],
    private readonly pace: SweepPace,
    readonly state: StageSweepState = newState(),
  ) {}

  get isOver(): boolean {
    return this.clocksMHz.length === 0 || PROFILED_KINDS.every((kind) => this.isKindOver(kind));
  }

  /** Ranks that have reported, and whether some have not. */
  get reporting(): number {
    return Object.keys(this.state.ranks).length;
  }

  /** The clocks that a rank runs next; of a kind that is done the one of least energy. */
  clocksOf(rank: number): KindClocks {
    const position = Math.min(this.positionOf(rank), this.clocksMHz.length - 1);
    return byKind((kind) => {
      const { isOver, energyJ } = this.state.kinds[kind];
      const at = isOver ? energyJ.indexOf(Math.min(...energyJ)) : position;
      return this.clocksMHz[at] ?? 0;
    });
  }

  /** Takes a report of a rank that ran these clocks; by default those that it was to run. */
  add(report: RankReport, ran: KindClocks = this.clocksOf(report.rank)): void {
    if (this.isOver) return;
    const sweep = this.sweepOf(report.rank);
    if (sweep === undefined || !this.isOfPosition(sweep.position, ran)) {
      this.state.ignored += report.iter_time.length;
      return;
    }
    for (const iteration of report.iter_time.keys()) {
      const figures = iterationFigures(this.work, report, iteration);
      if (figures !== undefined) this.addWaiting(figures);
      if (figures === undefined) this.state.ignored++;
      else if (sweep.warmedUp < this.pace.warmUp) sweep.warmedUp++;
      else if (sweep.samples.length < this.wanted(sweep)) {
        sweep.samples.push(Object.fromEntries(figures.cells));
      }
    }
    if (sweep.samples.length < this.wanted(sweep)) return;
    sweep.done[sweep.position] = middlesOf(cellsOf(this.work), sweep.samples);
    moveTo(sweep, sweep.position + 1);
    this.decide();
  }

  /** The clocks that a kind was measured at, highest first. */
  measuredMHz(kind: ProfiledKind): readonly number[] {
    return this.clocksMHz.slice(0, this.state.kinds[kind].energyJ.length);
  }

  private addWaiting({ timeS, energyJ, busy }: IterationFigures): void {
    const { state } = this;
    state.waiting.timeS += timeS - busy.timeS;
    state.waiting.energyJ += energyJ - busy.energyJ;
    state.allS += timeS;
  }

  /** Iterations that count at a rank's clock. */
  private wanted({ position }: RankSweep): number {
    return position === 0 ? HIGHEST * this.pace.measured : this.pace.measured;
  }

  private isKindOver(kind: ProfiledKind): boolean {
    return this.state.kinds[kind].isOver;
  }

  private positionOf(rank: number): number {
    return Math.max(this.state.ranks[rank]?.position ?? 0, this.state.decided);
  }

  /** The sweep of a rank that reports; undefined if enough others are listened to. */
  private sweepOf(rank: number): RankSweep | undefined {
    const { ranks, silent } = this.state;
    const before = ranks[rank];
    if (before === undefined && this.reporting >= MOST_RANKS) return undefined;
    const sweep = before ?? { position: 0, warmedUp: 0, samples: [], done: {} };
    ranks[rank] = sweep;
    const at = silent.indexOf(rank);
    if (at >= 0) silent.splice(at, 1);
    // One that was not waited for goes on where the others are.
    if (sweep.position < this.state.decided) moveTo(sweep, this.state.decided);
    return sweep;
  }

  /** Whether a rank that ran these clocks ran those of a position. */
  private isOfPosition(position: number, ran: KindClocks): boolean {
    const going = PROFILED_KINDS.filter((kind) => !this.isKindOver(kind));
    return going.every((kind) => ran[kind] === this.clocksMHz[position]);
  }

  /** Goes on to the next clocks while the ranks that are waited for have measured them. */
  private decide(): void {
    const { state } = this;
    while (!this.isOver && state.decided < this.clocksMHz.length && this.isMeasured()) {
      const at = state.decided++;
      const known = Object.values(state.ranks)
        .map(({ done }) => done[at])
        .filter((costs) => costs !== undefined);
      for (const kind of PROFILED_KINDS) {
        if (this.isKindOver(kind)) continue;
        const kindState = state.kinds[kind];
        const energyJ = middleMean(known.map((costs) => energyOf(this.work, kind, costs)));
        kindState.rises =
          energyJ > (kindState.energyJ.at(-1) ?? Infinity) ? kindState.rises + 1 : 0;
        kindState.energyJ.push(energyJ);
        kindState.isOver =
          kindState.rises >= RISES || kindState.energyJ.length === this.clocksMHz.length;
      }
    }
  }

  /** Whether all ranks but silent ones have measured the next clock. */
  private isMeasured(): boolean {
    const { ranks, decided, silent } = this.state;
    const listened =
      this.expected.length > MOST_RANKS ? Object.keys(ranks).map(Number) : this.expected;
    const late = listened.filter((rank) => {
      return (
        !silent.includes(rank) &&
        ranks[rank]?.done[decided] === undefined &&
        (ranks[rank]?.position ?? 0) <= decided
      );
    });
    if (late.length > 0 && this.usualPosition() - decided < MOST_BEHIND) return false;
    silent.push(...late);
    return Object.values(ranks).some(({ done }) => done[decided] !== undefined);
  }

  /** The position that half of the ranks have reached: one that repeats its reports is further. */
  private usualPosition(): number {
    const positions = Object.values(this.state.ranks).map(({ position }) => position);
    return positions.sort((a, b) => a - b)[Math.floor(positions.length / 2)] ?? 0;
  }
}

function newState(): StageSweepState {
  const kinds = byKind((): KindSweep => ({ energyJ: [], rises: 0, isOver: false }));
  return {
    ranks: {},
    silent: [],
    kinds,
    decided: 0,
    ignored: 0,
    waiting: { timeS: 0, energyJ: 0 },
    allS: 0,
  };
}

function moveTo(sweep: RankSweep, position: number): void {
  sweep.position = position;
  sweep.warmedUp = 0;
  sweep.samples = [];
}

function middlesOf(cells: readonly string[], samples: readonly Costs[]): Costs {
  return Object.fromEntries(
    cells.map((cell) => {
      const timeS = middleMean(samples.map((costs) => costs[cell]!.timeS));
      const energyJ = middleMean(samples.map((costs) => costs[cell]!.energyJ));
      return [cell, { timeS, energyJ }];
    }),
  );
}

function energyOf({ modelStages }: StageWork, kind: ProfiledKind, costs: Costs): number {
  return [...new Set(modelStages)].reduce((sum, m) => sum + costs[cellKey(m, kind)]!.energyJ, 0);
}
