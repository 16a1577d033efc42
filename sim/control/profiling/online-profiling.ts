import { scheduleDag } from '../../../src/pipeline/schedules.js';
import { readStageProfile } from '../../../src/profile/read-csv.js';
import { InputError } from '../../../src/errors.js';
import type { StageClocks } from '../../plans/clock-lists.js';
import {
  ClockSweep,
  PROFILE_HEADER,
  type SweepProgress,
  type SweepState,
  type SweptJob,
} from './clock-sweep.js';
import {
  DriftWatch,
  ExpectedCosts,
  type Drift,
  type Ratios,
  type SlowPipeline,
  type WatchState,
} from './drift-watch.js';
import { profiledKind, type KindClocks, type RankReport } from './stage-work.js';

/** What a report shows, seen with the schedule that its rank ran: plain data, to be kept with it. */
export interface SeenReport {
  /** The clocks that it ran, if each kind of instruction had one. */
  readonly clocks?: KindClocks;
  /** Reported over profiled, by iteration, where there is a profile. */
  readonly ratios?: readonly Ratios[];
}

/** Online profiling as plain data, from which it goes on. */
export interface OnlineState {
  /** Rows of the profile by part of the model; empty before there is one. */
  readonly rows: Readonly<Record<number, readonly string[]>>;
  readonly blockingPowerW?: number | undefined;
  readonly revision: number;
  /** Stages whose clocks are swept; none while the profile is watched. */
  readonly swept: readonly number[];
  readonly sweep?: SweepState | undefined;
  readonly watch?: WatchState | undefined;
  /** Sentences on how the profile came about. */
  readonly history: readonly string[];
}

/** The state of online profiling for those who look. */
export interface OnlineView {
  readonly phase: 'sweeping' | 'watching';
  /** By stage and kind, while clocks are swept. */
  readonly progress: readonly SweepProgress[];
  readonly slowPipelines: readonly SlowPipeline[];
  /** Estimated from reports. */
  readonly blockingPowerW: number | undefined;
  readonly notes: readonly string[];
}

/** Power of waiting over the highest power of computing, if it cannot be measured. */
const WAITING_PART = 0.25;
/** More sentences than this are not kept. */
const MOST_HISTORY = 50;

/**
 * The profile of a job that came without one: a fold over the reports of its ranks. All stages are
 * swept first; then reports are compared with the profile, and stages that have drifted are swept
 * again, while the others run the plan that they have.
 */
export class OnlineProfiling {
  private rows = new Map<number, readonly string[]>();
  private sweep: ClockSweep | undefined;
  private swept: readonly number[];
  private watch: DriftWatch | undefined;
  private expected: ExpectedCosts | undefined;
  private blockingW: number | undefined;
  private history: string[] = [];
  private changes = 0;
  private readonly dag;
  private readonly stageOf: ReadonlyMap<number, number>;

  /** @param state of an earlier profiling of the same job, to go on with. */
  constructor(
    private readonly job: SweptJob,
    state?: OnlineState,
  ) {
    const { degrees, schedule, microbatches, chunks = 1, microbatchGroup } = job;
    this.dag = scheduleDag(schedule, { stages: degrees.pp, microbatches, chunks, microbatchGroup });
    this.stageOf = new Map(job.ranks.map(({ rank, pp_rank }) => [rank, pp_rank]));
    this.swept = state?.swept ?? Array.from({ length: degrees.pp }, (_, s) => s);
    if (state !== undefined) {
      this.rows = new Map(Object.entries(state.rows).map(([m, rows]) => [Number(m), rows]));
      this.blockingW = state.blockingPowerW;
      this.changes = state.revision;
      this.history = [...state.history];
    }
    if (this.swept.length > 0) {
      this.sweep = new ClockSweep({ ...job, stages: this.swept }, state?.sweep);
    } else this.beginWatch(state?.watch);
  }

  /** Grows with each profile. */
  get revision(): number {
    return this.changes;
  }

  /** Whether clocks are swept, of all stages or of some. */
  get isSweeping(): boolean {
    return this.sweep !== undefined;
  }

  /** The profile; undefined before there is one. */
  get profileCsv(): string | undefined {
    if (this.rows.size === 0) return undefined;
    const inOrder = [...this.rows].sort(([a], [b]) => a - b).flatMap(([, rows]) => rows);
    return `${[PROFILE_HEADER, ...inOrder].join('\n')}\n`;
  }

  /** The power of a GPU that waits, estimated from reports. */
  get blockingPowerW(): number | undefined {
    return this.blockingW;
  }

  /** The schedule of a rank whose clocks are swept; undefined if it runs the plan. */
  clocksOf(rank: number): StageClocks | undefined {
    return this.isSwept(rank) ? this.sweep!.clocksOf(rank) : undefined;
  }

  /**
   * Looks at a report beside the schedule that its rank ran; changes nothing.
   * @param ran undefined if that is not known, as after a restart.
   */
  look(report: RankReport, ran: StageClocks | undefined): SeenReport {
    const stage = this.stageOf.get(report.rank);
    if (ran === undefined || stage === undefined) return {};
    if (this.isSwept(report.rank)) {
      const clocks = uniform(ran);
      return clocks === undefined ? { clocks: { forward: -1, backward: -1 } } : { clocks };
    }
    return this.expected === undefined ? {} : { ratios: this.expected.ratios(stage, report, ran) };
  }

  /** Takes a report, and what was seen of it. */
  add(report: RankReport, seen: SeenReport = {}): void {
    if (this.isSwept(report.rank)) {
      this.sweep!.add(report, seen.clocks);
      this.endSweep();
    } else if (this.watch !== undefined && seen.ratios !== undefined) {
      this.watch.add(report.rank, seen.ratios);
      const { drifts } = this.watch;
      if (drifts.length > 0) this.sweepAgain(drifts);
    }
  }

  get view(): OnlineView {
    return {
      phase: this.sweep === undefined ? 'watching' : 'sweeping',
      progress: this.sweep?.progress.filter(({ stage }) => this.swept.includes(stage)) ?? [],
      slowPipelines: this.watch?.slowPipelines ?? [],
      blockingPowerW: this.blockingW,
      notes: [
        ...this.history,
        ...(this.sweep?.notes ?? []),
        ...(this.watch?.slowPipelines ?? []).map(
          ({ pipeline, slowdown }) =>
            `pipeline ${pipeline} takes ${slowdown} times as long as the others; report it by POST /jobs/{job_id}/stragglers, and the others slow down to it`,
        ),
      ],
    };
  }

  get state(): OnlineState {
    return {
      rows: Object.fromEntries(this.rows),
      blockingPowerW: this.blockingW,
      revision: this.changes,
      swept: this.swept,
      sweep: this.sweep?.state,
      watch: this.watch && structuredClone(this.watch.state),
      history: this.history,
    };
  }

  private isSwept(rank: number): boolean {
    return this.sweep !== undefined && this.swept.includes(this.stageOf.get(rank) ?? -1);
  }

  private endSweep(): void {
    const { sweep } = this;
    if (sweep?.isOver !== true) return;
    const rows = [...sweep.rows()];
    if (rows.length === 0) return;
    this.tell(...sweep.notes);
    for (const [modelStage, ofStage] of rows) this.rows.set(modelStage, ofStage);
    this.blockingW = sweep.blockingPowerW ?? this.blockingW ?? this.assumedBlockingW();
    this.sweep = undefined;
    this.swept = [];
    this.changes++;
    this.beginWatch();
  }

  /** Of a job whose GPUs hardly wait, so that it matters little. */
  private assumedBlockingW(): number {
    const powersW = [...this.rows.values()].flat().map((row) => {
      const [, , , timeS, energyJ] = row.split(',').map(Number);
      return energyJ! / timeS!;
    });
    const assumedW = Math.round(WAITING_PART * Math.max(...powersW));
    this.tell(
      `GPUs hardly wait, so that the power of waiting is not known: assumed to be ${assumedW} W`,
    );
    return assumedW;
  }

  private beginWatch(state?: WatchState): void {
    this.watch = new DriftWatch(this.job.ranks, state);
    try {
      const profile = readStageProfile(this.profileCsv!, 'the profile from results');
      this.expected = new ExpectedCosts(this.dag, profile);
    } catch (error) {
      // Planning says what is wrong with it.
      if (!(error instanceof InputError)) throw error;
      this.expected = undefined;
    }
  }

  private sweepAgain(drifts: readonly Drift[]): void {
    this.swept = [...new Set(drifts.map(({ stage }) => stage))];
    this.tell(
      ...drifts.map(
        ({ stage, kind, timeBy, energyBy }) =>
          `stage ${stage} has drifted and is profiled again: its ${kind} takes ${percent(timeBy)} and uses ${percent(energyBy)} of what was profiled`,
      ),
    );
    this.sweep = new ClockSweep({ ...this.job, stages: this.swept });
    this.watch = undefined;
    this.expected = undefined;
  }

  private tell(...sentences: readonly string[]): void {
    this.history = [...this.history, ...sentences].slice(-MOST_HISTORY);
  }
}

/** The clocks of a schedule in which each kind of instruction has one; else undefined. */
function uniform(ran: StageClocks): KindClocks | undefined {
  const found: { forward?: number; backward?: number } = {};
  for (const { kind, frequencyMHz } of ran) {
    const profiled = profiledKind(kind ?? 'forward');
    if ((found[profiled] ??= frequencyMHz) !== frequencyMHz) return undefined;
  }
  const { forward, backward } = found;
  return forward === undefined || backward === undefined ? undefined : { forward, backward };
}

function percent(ratio: number): string {
  return `${(100 * ratio).toFixed(1)} %`;
}
