import { entryOf, groupBy } from '../../../src/groups.js';
import { scheduleDag } from '../../../src/pipeline/schedules.js';
import type { ScheduleName } from '../../../src/pipeline/schedules.js';
import { implausible } from '../../../src/plausible.js';
import { PROFILED_KINDS, type ProfiledKind } from '../../../src/profile/stage-profile.js';
import type { StageClocks } from '../../plans/clock-lists.js';
import type { Degrees } from '../planning/planning-request.js';
import { joinRanks, type JoinedStage } from './join-ranks.js';
import { StageSweep, type StageSweepState, type SweepPace } from './stage-sweep.js';
import { stageWork, uniformClocks, type KindClocks, type RankReport } from './stage-work.js';

/** The place of a rank in its job, and the clocks of its GPU (Zeus' `RankInfo`). */
export interface SweptRank {
  readonly rank: number;
  readonly dp_rank: number;
  readonly pp_rank: number;
  readonly tp_rank: number;
  /** MHz, highest first. */
  readonly available_frequencies: readonly number[];
}

/** The order of instructions of a job whose clocks are swept. */
export interface SweptShape {
  readonly schedule: ScheduleName;
  readonly microbatches: number;
  readonly chunks?: number;
  readonly microbatchGroup?: number | undefined;
}

/** A job whose clocks are swept. */
export interface SweptJob extends SweptShape {
  readonly degrees: Degrees;
  /** All ranks of the job. */
  readonly ranks: readonly SweptRank[];
  readonly pace?: Partial<SweepPace>;
  /** Only these stages; default: all. */
  readonly stages?: readonly number[];
}

/** The sweep of one kind of instruction on one stage. */
export interface SweepProgress {
  readonly stage: number;
  readonly kind: ProfiledKind;
  /** Clocks that are measured, and the most that there are. */
  readonly clocksDone: number;
  readonly clocksMost: number;
  /** Times that energy has risen in a row. */
  readonly rises: number;
  /** Lowest clock, once the sweep of this kind has ended, MHz. */
  readonly stoppedAtMHz?: number;
  /** Ranks of the stage that have reported. */
  readonly ranksReporting: number;
}

/** The sweep as plain data, from which it goes on. */
export type SweepState = readonly StageSweepState[];

/** Part of the time that GPUs must wait for the power of waiting to be known. */
const LEAST_WAITING = 0.02;

const PACE: SweepPace = { warmUp: 2, measured: 5, stride: 3 };

/**
 * Sweeps the clocks of a job that has no profile: a fold over the reports of its ranks. Each stage
 * begins at the highest clock that all its ranks have and goes down until the energy of a kind of
 * instruction has risen five times in a row; that kind then runs at its clock of least energy until
 * all are done. Each rank goes on by its own reports, so that what it ran is known from them.
 */
export class ClockSweep {
  private readonly stages: readonly StageSweep[];
  private readonly clocksMHz: readonly (readonly number[])[];
  private readonly places: ReadonlyMap<number, SweptRank>;
  private readonly work;
  private readonly joinedStages = new Map<number, JoinedStage>();

  /** @param state of an earlier sweep of the same job, to go on with. */
  constructor(job: SweptJob, state?: SweepState) {
    const { degrees, schedule, microbatches, chunks = 1, microbatchGroup } = job;
    const shape = { stages: degrees.pp, microbatches, chunks, microbatchGroup };
    this.work = stageWork(scheduleDag(schedule, shape));
    this.places = new Map(job.ranks.map((rank) => [rank.rank, rank]));
    const ofStage = groupBy(job.ranks, ({ pp_rank }) => pp_rank);
    const pace = { ...PACE, ...job.pace };
    this.clocksMHz = this.work.map((_, s) => commonClocks(ofStage.get(s) ?? []));
    this.stages = this.work.map((work, s) => {
      const isSwept = job.stages?.includes(s) ?? true;
      const clocks = isSwept ? every(this.clocksMHz[s]!, pace.stride) : [];
      const ranks = (ofStage.get(s) ?? []).map(({ rank }) => rank);
      return new StageSweep(work, clocks, ranks, pace, state?.[s]);
    });
  }

  /** The schedule of the next iteration of a rank. */
  clocksOf(rank: number): StageClocks {
    const stage = this.places.get(rank)?.pp_rank ?? 0;
    return uniformClocks(this.work[stage]!, this.stages[stage]!.clocksOf(rank));
  }

  /** The same as one clock for each kind of instruction. */
  kindClocksOf(rank: number): KindClocks {
    return this.stages[this.places.get(rank)?.pp_rank ?? 0]!.clocksOf(rank);
  }

  /**
   * Takes a report. Iterations that lack instructions, or ran other clocks, do not count.
   * @param ran the clocks that the rank ran; default: those that it was to run.
   */
  add(report: RankReport, ran?: KindClocks): void {
    const place = this.places.get(report.rank);
    if (place !== undefined) this.stages[place.pp_rank]!.add(report, ran);
  }

  get isOver(): boolean {
    return this.stages.every(({ isOver }) => isOver);
  }

  get progress(): SweepProgress[] {
    return this.stages.flatMap((sweep, stage) =>
      PROFILED_KINDS.map((kind) => {
        const { rises, isOver, energyJ } = sweep.state.kinds[kind];
        return {
          ...{ stage, kind, rises, clocksDone: energyJ.length, clocksMost: sweep.clocksMHz.length },
          ...(isOver ? { stoppedAtMHz: sweep.clocksMHz[energyJ.length - 1]! } : {}),
          ranksReporting: sweep.reporting,
        };
      }),
    );
  }

  /** Iterations that did not count. */
  get ignored(): number {
    return this.stages.reduce((sum, { state }) => sum + state.ignored, 0);
  }

  /**
   * The power of a GPU that waits, estimated: the energy of iterations that is not their instructions',
   * over the time that is not. Undefined if GPUs hardly wait, or if it cannot be true.
   */
  get blockingPowerW(): number | undefined {
    const sum = { timeS: 0, energyJ: 0, allS: 0 };
    for (const { state } of this.stages) {
      sum.timeS += state.waiting.timeS;
      sum.energyJ += state.waiting.energyJ;
      sum.allS += state.allS;
    }
    const powerW = sum.energyJ / sum.timeS;
    const isKnown = sum.timeS > LEAST_WAITING * sum.allS;
    return isKnown && implausible('waitingPowerW', powerW) === undefined
      ? Number(powerW.toPrecision(4))
      : undefined;
  }

  /** The sweep as plain data. */
  get state(): SweepState {
    return structuredClone(this.stages.map(({ state }) => state));
  }

  /** The profile, once every stage and kind has stopped. */
  get profileCsv(): string | undefined {
    if (!this.isOver || this.stages.some(({ clocksMHz }) => clocksMHz.length === 0)) {
      return undefined;
    }
    const rows = [...this.rows()].sort(([a], [b]) => a - b).flatMap(([, ofStage]) => ofStage);
    return `${[PROFILE_HEADER, ...rows].join('\n')}\n`;
  }

  /** Sentences on ranks that are left out, and on what the sweep waits for. */
  get notes(): string[] {
    const waiting = this.stages.flatMap((sweep, s) => {
      const { silent } = sweep.state;
      if (sweep.clocksMHz.length === 0) {
        return this.clocksMHz[s]!.length === 0
          ? [`stage ${s}: its ranks have no clocks in common, so none is set`]
          : [];
      }
      if (sweep.reporting === 0) {
        return [
          `stage ${s}: none of its ranks has reported results yet, so it runs its highest clock`,
        ];
      }
      const { ignored } = sweep.state;
      return [
        ...(silent.length === 0
          ? []
          : [`stage ${s}: rank ${some(silent)} did not report in time and is not waited for`]),
        ...(ignored === 0
          ? []
          : [
              `stage ${s}: ${ignored} iterations did not count: they lack instructions, or ran other clocks than those asked for; ask for a schedule after each result`,
            ]),
      ];
    });
    const joined = this.isOver
      ? this.stages.flatMap((sweep, s) =>
          sweep.clocksMHz.length === 0 ? [] : this.joined(s).notes,
        )
      : [];
    return [...waiting, ...joined];
  }

  /** Curves are fitted once: reports that come later change nothing. */
  private joined(stage: number): JoinedStage {
    return entryOf(this.joinedStages, stage, () =>
      joinRanks(this.stages[stage]!, stage, this.clocksMHz[stage]!),
    );
  }

  /** Rows of the profile of the stages that were swept, by part of the model. */
  rows(): Map<number, string[]> {
    const joined = this.stages.flatMap((sweep, s) =>
      sweep.clocksMHz.length === 0 ? [] : [...this.joined(s).options],
    );
    return new Map(
      joined.map(([modelStage, options]) => [
        modelStage,
        PROFILED_KINDS.flatMap((kind) =>
          options[kind].map(({ frequencyMHz, timeS, energyJ }) =>
            [modelStage, kind, frequencyMHz, short(timeS), short(energyJ)].join(','),
          ),
        ),
      ]),
    );
  }
}

/** The header of a profile. */
export const PROFILE_HEADER = 'stage,instruction,frequency,time,energy';

/** Digits of figures in a profile: more than measurements have. */
function short(value: number): number {
  return Number(value.toPrecision(7));
}

/** The highest clocks of a rank, for as long as nothing else is known of its job. */
export function highestClocks(
  { schedule, microbatches, chunks = 1, microbatchGroup }: SweptShape,
  { pp }: Degrees,
  { pp_rank, available_frequencies }: SweptRank,
): StageClocks {
  const shape = { stages: pp, microbatches, chunks, microbatchGroup };
  const highest = Math.max(0, ...available_frequencies);
  return uniformClocks(stageWork(scheduleDag(schedule, shape))[pp_rank]!, {
    forward: highest,
    backward: highest,
  });
}

/** Clocks that all ranks have, highest first. */
function commonClocks(ranks: readonly SweptRank[]): number[] {
  const [first, ...others] = [...new Set(ranks.map((rank) => rank.available_frequencies))];
  const sets = others.map((clocks) => new Set(clocks));
  const common = (first ?? []).filter((mhz) => sets.every((set) => set.has(mhz)));
  return [...new Set(common)].sort((a, b) => b - a);
}

/** Each `stride`-th clock from the highest down. */
function every(clocksMHz: readonly number[], stride: number): number[] {
  return clocksMHz.filter((_, k) => k % stride === 0);
}

const NAMED = 6;

function some(list: readonly number[]): string {
  const more = list.length - NAMED;
  return more <= 0 ? list.join(', ') : `${list.slice(0, NAMED).join(', ')} and ${more} more`;
}
