import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { RefusedRequestError } from '../../src/errors.js';
import type { StageClocks } from '../plans/clock-lists.js';
import { reason } from '../disk/reason.js';
import { EventLog, type LoggedState } from './event-log.js';
import type { JobEvent } from './events.js';
import { JobState } from './job-state.js';
import { nextNeed, type NextNeed, type ServedDefaults } from './planning-settings.js';
import type { JobPlanning, ReportedStraggler } from './planning/planning-request.js';
import { highestClocks } from './profiling/clock-sweep.js';
import type { ProfilingResult, RankInfo } from './protocol.js';
import { judgeRank, registeredRank } from './rank-rules.js';
import { judgeResult } from './result-rules.js';
import { bodyOf, ServedPlan, type OnPlanned } from './served-plan.js';

/** The parts of the server that a job needs. */
export interface JobSurroundings {
  readonly planning: JobPlanning;
  readonly defaults: ServedDefaults;
  readonly secondsNow: () => number;
  readonly onPlanned: OnPlanned;
  /** Reports a problem of the server to who runs it. */
  readonly warn: (sentence: string) => void;
}

/** A job's requests that wait for the disk may be this large in all. */
const MOST_PENDING_BYTES = 128 << 20;

/**
 * One job: its state, the file of its events, its plan. Each request changes the state at once and is
 * acknowledged once its event is on disk; if it cannot be written, the state is read again.
 */
export class Job implements LoggedState {
  readonly plan: ServedPlan;
  private log: EventLog | undefined;
  private current: JobState;
  private isStale = false;
  /** Lists of clocks, shared by ranks with the same ones. */
  private readonly clockLists = new Map<string, number[]>();
  /** Ranks that have asked for a schedule since their last report. */
  private readonly asked = new Set<number>();
  /** The schedules that ranks run. */
  private readonly running = new Map<number, StageClocks>();
  private known: { readonly revision: number; readonly need: NextNeed } | undefined;

  /** @param events of which the first registers the job. */
  private constructor(
    events: readonly JobEvent[],
    private readonly surroundings: JobSurroundings,
  ) {
    this.current = this.fold(events);
    const { planning, secondsNow, onPlanned } = surroundings;
    const wanted = () => ({
      revision: this.current.revision,
      request: () => {
        const { need } = this;
        return 'request' in need ? need.request : undefined;
      },
    });
    this.plan = new ServedPlan(planning, wanted, secondsNow, onPlanned);
  }

  /** Creates a job and its file. @throws RefusedRequestError if the file cannot be written. */
  static async create(
    path: string,
    first: Extract<JobEvent, { type: 'job-registered' }>,
    surroundings: JobSurroundings,
  ): Promise<Job> {
    const job = new Job([first], surroundings);
    try {
      job.log = await EventLog.create(path, job);
    } catch (error) {
      throw job.notWritten(error);
    }
    return job;
  }

  /** Goes on with a job. @throws InputError if its file is damaged. */
  static resume(path: string, surroundings: JobSurroundings): Job {
    let job: Job | undefined;
    const log = EventLog.resume(path, (events) => (job = new Job(events, surroundings)));
    job!.log = log;
    return job!;
  }

  /** The state, including requests that are not acknowledged yet. */
  get state(): JobState {
    if (this.isStale) {
      try {
        this.current = this.fold(this.log!.reread());
        this.isStale = false;
      } catch (error) {
        throw this.notWritten(error);
      }
    }
    return this.current;
  }

  /** What the job needs next. */
  get need(): NextNeed {
    const { revision } = this.state;
    if (this.known?.revision !== revision) {
      this.known = { revision, need: nextNeed(this.state, this.surroundings.defaults) };
    }
    return this.known.need;
  }

  events(): Iterable<JobEvent> {
    return this.current.events();
  }

  takeBack(): void {
    this.isStale = true;
    this.known = undefined;
    this.asked.clear();
  }

  /** Registers a rank; a repeated registration changes nothing. */
  async registerRank(info: RankInfo): Promise<void> {
    const isNew = judgeRank(this.state, info);
    if (isNew) await this.commit({ type: 'rank-registered', rank: this.withSharedClocks(info) });
    else await this.acknowledge();
    await this.profileIfDue();
    this.plan.refresh();
  }

  /** Takes a report; a repeated one is counted once. */
  async report(result: ProfilingResult): Promise<void> {
    const { rank } = result;
    const digest = digestOf(result);
    const { dp_rank, pp_rank } = registeredRank(this.state, rank);
    await this.profileIfDue();
    const ran = this.running.get(rank);
    const clocks = ran ?? this.plan.clocks(dp_rank, pp_rank);
    const isNew = judgeResult(this.state, result, digest, this.asked.has(rank), clocks);
    if (!isNew) {
      await this.acknowledge();
      return;
    }
    this.asked.delete(rank);
    const seen = this.state.online?.look(result, ran);
    await this.commit({
      type: 'result-reported',
      ...{ result, digest, ...(seen === undefined ? {} : { seen }) },
    });
    this.plan.refresh();
  }

  /** Takes a profile, a scenario or a plan. */
  async sets(event: Extract<JobEvent, { type: 'profile-set' | 'scenario-set' | 'plan-set' }>) {
    await this.commit(event);
    this.plan.refresh();
  }

  /** Takes the news that a pipeline is slow, or no longer. What is known already changes nothing. */
  async straggles(pipeline: number, straggler?: ReportedStraggler): Promise<void> {
    if (isDeepStrictEqual(this.state.stragglers.get(pipeline), straggler)) {
      await this.acknowledge();
      return;
    }
    await this.commit(
      straggler === undefined
        ? { type: 'straggler-gone', pipeline }
        : { type: 'straggler-reported', straggler },
    );
    this.plan.refresh();
  }

  /** Applies an event of a request, and resolves once it is on disk. */
  private async commit(event: JobEvent): Promise<void> {
    if (this.log!.pendingBytes > MOST_PENDING_BYTES) {
      throw new RefusedRequestError(
        429,
        'too many requests of this job wait for the disk; send this one again in a second',
      );
    }
    this.state.apply(event);
    try {
      await this.log!.append(event);
    } catch (error) {
      throw this.notWritten(error);
    }
  }

  /**
   * The schedule of a rank as JSON: the last one made, or with `wantsLatest` that of the present state.
   * Waits for the first one.
   *
   * @param leaving makes a signal that is aborted when the client has left; most requests need none.
   * @throws RefusedRequestError if there is none, and why.
   */
  async schedule(rank: number, wantsLatest: boolean, leaving: () => AbortSignal): Promise<string> {
    const { dp_rank, pp_rank } = registeredRank(this.state, rank);
    if (wantsLatest) await this.acknowledge();
    await this.profileIfDue();
    const swept = this.profilingClocks(rank);
    if (swept !== undefined) return this.answered(rank, swept, bodyOf(swept));
    const { revision } = this.state;
    this.plan.forgetBug();
    let signal: AbortSignal | undefined;
    for (;;) {
      this.plan.refresh();
      const settled = this.plan.settledRevision();
      const isLate = settled < revision && (wantsLatest || this.plan.served === undefined);
      const body = isLate ? undefined : this.plan.body(dp_rank, pp_rank);
      if (body !== undefined) {
        return this.answered(rank, this.plan.clocks(dp_rank, pp_rank)!, body);
      }
      if (!this.plan.isBusy) throw this.noPlan();
      signal ??= leaving();
      await this.plan.change(signal);
      if (signal.aborted || this.plan.isClosed)
        throw new RefusedRequestError(503, 'the server is stopping');
    }
  }

  /** Resolves once all that was said so far is on disk. */
  async acknowledge(): Promise<void> {
    try {
      await this.log!.settled();
    } catch (error) {
      throw this.notWritten(error);
    }
  }

  async close(): Promise<void> {
    this.plan.close();
    await this.log!.settled().catch(() => undefined);
  }

  private noPlan(): RefusedRequestError {
    const { failure } = this.plan;
    if (failure !== undefined) {
      return new RefusedRequestError(failure.isBug ? 503 : 409, failure.problems.join('\n'));
    }
    const { need } = this;
    return new RefusedRequestError(409, 'lacks' in need ? need.lacks : 'there is no plan yet');
  }

  /** Begins to measure the profile of a job without one, once all its ranks are known. */
  private async profileIfDue(): Promise<void> {
    const { state } = this;
    if (state.online !== undefined || state.ranks.size < state.worldSize) return;
    const { need } = this;
    if (!('profiling' in need)) return;
    await this.commit({ type: 'profiling-begun', pipeline: need.profiling });
  }

  /** The schedule of a rank while its clocks are swept; before that, with the highest clocks. */
  private profilingClocks(rank: number): StageClocks | undefined {
    const { online, degrees, ranks } = this.state;
    if (online !== undefined) return online.clocksOf(rank);
    const { need } = this;
    if (!('profiling' in need)) return undefined;
    return highestClocks(need.profiling, degrees, ranks.get(rank)!);
  }

  private answered(rank: number, clocks: StageClocks, body: string): string {
    this.asked.add(rank);
    this.running.set(rank, clocks);
    return `{"rank":${rank},"frequencies":${body}}`;
  }

  private notWritten(error: unknown): RefusedRequestError {
    if (error instanceof RefusedRequestError) return error;
    this.surroundings.warn(
      `the file of job ${this.current.id} cannot be written: ${reason(error)}`,
    );
    return new RefusedRequestError(
      503,
      `the request was not taken: the file of the job cannot be written (${reason(error)}); send it again`,
    );
  }

  private fold(events: readonly JobEvent[]): JobState {
    const [first, ...others] = events;
    if (first?.type !== 'job-registered') throw new Error('its first line registers no job');
    const state = new JobState(first);
    for (const event of others) {
      state.apply(
        event.type === 'rank-registered'
          ? { ...event, rank: this.withSharedClocks(event.rank) }
          : event,
      );
    }
    return state;
  }

  private withSharedClocks(info: RankInfo): RankInfo {
    const key = info.available_frequencies.join();
    const shared = this.clockLists.get(key) ?? info.available_frequencies;
    this.clockLists.set(key, shared);
    return { ...info, available_frequencies: shared };
  }
}

function digestOf(result: ProfilingResult): string {
  return createHash('sha256').update(JSON.stringify(result)).digest('base64').slice(0, 22);
}
