import { groupBy } from '../../../src/groups.js';
import type { ComputationDag } from '../../../src/pipeline/dag.js';
import { INSTRUCTION_KINDS, operationOptions } from '../../../src/profile/operation.js';
import {
  byKind,
  PROFILED_KINDS,
  type ExecutionOption,
  type ProfiledKind,
  type StageProfile,
} from '../../../src/profile/stage-profile.js';
import type { StageClocks } from '../../plans/clock-lists.js';
import type { SweptRank } from './clock-sweep.js';
import { median, profiledKind, type RankReport } from './stage-work.js';

/** Iterations that a judgement is made of. */
const WINDOW = 40;
/** Iterations of a rank from one judgement to the next. */
const BETWEEN = 10;
/** Judgements in a row that must agree. */
const AGREEING = 2;
/** Temperatures move times and energies by 1 to 2 %. */
const MOST_DRIFT = 0.035;
/** A pipeline that is slower than the others by more than this is a straggler. */
const STRAGGLER = 1.05;
/** Ranks of a stage that are listened to. */
const MOST_RANKS = 64;

/** Reported over expected, of one kind of instruction in one iteration. */
export interface Ratio {
  readonly time: number;
  readonly energy: number;
}

/** The ratios of one iteration, as far as they are known. */
export type Ratios = Readonly<Partial<Record<ProfiledKind, Ratio>>>;

/** A kind of instruction that is not as it was profiled. */
export interface Drift {
  readonly stage: number;
  readonly kind: ProfiledKind;
  /** Reported over profiled. */
  readonly timeBy: number;
  readonly energyBy: number;
}

/** A pipeline that is slower than the others. */
export interface SlowPipeline {
  readonly pipeline: number;
  readonly slowdown: number;
}

/** The watch as plain data. */
export interface WatchState {
  /** The last ratios of each rank, oldest first. */
  readonly recent: Record<number, Ratios[]>;
  /** Reports of each rank. */
  readonly reports: Record<number, number>;
  /** By stage and kind: judgements in a row that found it drifted. */
  readonly found: Record<string, number>;
}

/**
 * Compares reports with the profile that a plan was made of. A stage has drifted if the median of its
 * ranks' medians over 40 iterations is off by more than 3.5 %, in two judgements, ten iterations apart.
 * Ranks of a pipeline that is slow as a whole do not count: it is a straggler, to be reported as one.
 */
export class DriftWatch {
  private readonly ofStage: ReadonlyMap<number, readonly SweptRank[]>;
  private readonly places: ReadonlyMap<number, SweptRank>;
  /** Ranks that are listened to, by stage. */
  private readonly listened = new Map<number, number>();

  constructor(
    ranks: readonly SweptRank[],
    readonly state: WatchState = { recent: {}, reports: {}, found: {} },
  ) {
    this.places = new Map(ranks.map((rank) => [rank.rank, rank]));
    this.ofStage = groupBy(ranks, ({ pp_rank }) => pp_rank);
    for (const { rank, pp_rank } of ranks) {
      if (state.recent[rank] === undefined) continue;
      this.listened.set(pp_rank, (this.listened.get(pp_rank) ?? 0) + 1);
    }
  }

  /** Takes the ratios of the iterations of a report. */
  add(rank: number, iterations: readonly Ratios[]): void {
    const { recent, reports } = this.state;
    const place = this.places.get(rank);
    if (place === undefined || !this.isListenedTo(place)) return;
    for (const ratios of iterations) {
      const list = (recent[rank] ??= []);
      list.push(ratios);
      if (list.length > WINDOW) list.shift();
      const count = (reports[rank] = (reports[rank] ?? 0) + 1);
      if (count % BETWEEN === 0 && this.judgeOf(place.pp_rank) === rank) this.judge(place.pp_rank);
    }
  }

  /** The kinds of instruction that are no longer as they were profiled. */
  get drifts(): Drift[] {
    if (!Object.values(this.state.found).some((times) => times >= AGREEING)) return [];
    const slow = new Set(this.slowPipelines.map(({ pipeline }) => pipeline));
    return [...this.ofStage.keys()]
      .sort((a, b) => a - b)
      .flatMap((stage) =>
        PROFILED_KINDS.flatMap((kind) => {
          const isFound = (this.state.found[`${stage} ${kind}`] ?? 0) >= AGREEING;
          const ratio = isFound ? this.stageRatio(stage, kind, slow) : undefined;
          return ratio === undefined
            ? []
            : [{ stage, kind, timeBy: short(ratio.time), energyBy: short(ratio.energy) }];
        }),
      );
  }

  /** Pipelines that are slower than the others, as far as 40 iterations tell. */
  get slowPipelines(): SlowPipeline[] {
    const full = [...this.places.values()].filter(({ rank }) => this.isFull(rank));
    const byPipeline = [...groupBy(full, ({ dp_rank }) => dp_rank)].map(([pipeline, ranks]) => {
      const times = ranks.flatMap(({ rank }) =>
        PROFILED_KINDS.flatMap((kind) => this.rankRatio(rank, kind)?.time ?? []),
      );
      return { pipeline, slowdown: median(times) };
    });
    const fastestFirst = byPipeline.map(({ slowdown }) => slowdown).sort((a, b) => a - b);
    const usual = median(fastestFirst.slice(0, Math.ceil(fastestFirst.length / 2)));
    return byPipeline
      .filter(({ slowdown }) => slowdown > STRAGGLER * usual)
      .map(({ pipeline, slowdown }) => ({ pipeline, slowdown: short(slowdown / usual) }))
      .sort((a, b) => a.pipeline - b.pipeline);
  }

  private isListenedTo({ rank, pp_rank }: SweptRank): boolean {
    if (this.state.recent[rank] !== undefined) return true;
    const listened = this.listened.get(pp_rank) ?? 0;
    if (listened >= MOST_RANKS) return false;
    this.listened.set(pp_rank, listened + 1);
    return true;
  }

  /** The rank of a stage whose reports are the occasion of judgements: the first one that reports. */
  private judgeOf(stage: number): number | undefined {
    return this.ofStage.get(stage)!.find(({ rank }) => this.state.recent[rank] !== undefined)?.rank;
  }

  private judge(stage: number): void {
    const slow = new Set(this.slowPipelines.map(({ pipeline }) => pipeline));
    for (const kind of PROFILED_KINDS) {
      const ratio = this.stageRatio(stage, kind, slow);
      const isOff =
        ratio !== undefined &&
        Math.max(Math.abs(ratio.time - 1), Math.abs(ratio.energy - 1)) > MOST_DRIFT;
      const key = `${stage} ${kind}`;
      this.state.found[key] = isOff ? (this.state.found[key] ?? 0) + 1 : 0;
    }
  }

  /** Of the ranks that have enough iterations, if those are at least half of those that report. */
  private stageRatio(
    stage: number,
    kind: ProfiledKind,
    slow: ReadonlySet<number>,
  ): Ratio | undefined {
    const reporting = this.ofStage
      .get(stage)!
      .filter(({ rank, dp_rank }) => this.state.recent[rank] !== undefined && !slow.has(dp_rank));
    const ratios = reporting.flatMap(({ rank }) =>
      this.isFull(rank) ? (this.rankRatio(rank, kind) ?? []) : [],
    );
    if (ratios.length === 0 || 2 * ratios.length < reporting.length) return undefined;
    return medianRatio(ratios);
  }

  private isFull(rank: number): boolean {
    return this.state.recent[rank]?.length === WINDOW;
  }

  private rankRatio(rank: number, kind: ProfiledKind): Ratio | undefined {
    const ratios = (this.state.recent[rank] ?? []).flatMap((one) => one[kind] ?? []);
    return ratios.length === 0 ? undefined : medianRatio(ratios);
  }
}

/** Looks up what a profile expects of instructions. */
export class ExpectedCosts {
  private readonly optionsOf: readonly ReadonlyMap<number, ExecutionOption>[];

  constructor(
    private readonly dag: ComputationDag,
    profile: StageProfile,
  ) {
    this.optionsOf = dag.operations.map(
      (operation) => new Map(operationOptions(profile, operation).map((o) => [o.frequencyMHz, o])),
    );
  }

  /** What a rank of a stage reported, over what the profile says of the clocks that it ran. */
  ratios(stage: number, report: RankReport, ran: StageClocks): Ratios[] {
    const from = this.dag.stageStart[stage]!;
    return report.iter_time.map((_, iteration) => {
      const sums = byKind(() => ({
        timeS: 0,
        energyJ: 0,
        expectedS: 0,
        expectedJ: 0,
        isWhole: true,
      }));
      const next = new Map<string, number>();
      ran.forEach(({ kind = 'forward', frequencyMHz }, k) => {
        const index = next.get(kind) ?? 0;
        next.set(kind, index + 1);
        const option = this.optionsOf[this.dag.operation[from + k]!]?.get(frequencyMHz);
        const timeS = report.time_breakdown[kind]?.[iteration]?.[index];
        const energyJ = report.energy_breakdown[kind]?.[iteration]?.[index];
        const sum = sums[profiledKind(kind)];
        const isAsPlanned = INSTRUCTION_KINDS[this.dag.kind[from + k]!] === kind;
        if (!isAsPlanned || option === undefined || timeS === undefined || energyJ === undefined) {
          sum.isWhole = false;
          return;
        }
        sum.timeS += timeS;
        sum.energyJ += energyJ;
        sum.expectedS += option.timeS;
        sum.expectedJ += option.energyJ;
      });
      return Object.fromEntries(
        PROFILED_KINDS.flatMap((kind): [ProfiledKind, Ratio][] => {
          const { isWhole, timeS, energyJ, expectedS, expectedJ } = sums[kind];
          const ratio = { time: short(timeS / expectedS), energy: short(energyJ / expectedJ) };
          return isWhole && expectedS > 0 && ratio.time > 0 && ratio.energy > 0
            ? [[kind, ratio]]
            : [];
        }),
      );
    });
  }
}

function medianRatio(ratios: readonly Ratio[]): Ratio {
  return {
    time: median(ratios.map(({ time }) => time)),
    energy: median(ratios.map(({ energy }) => energy)),
  };
}

/** Digits of ratios: they are kept with every report. */
function short(value: number): number {
  return Number(value.toPrecision(5));
}
