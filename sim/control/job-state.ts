import type { JobEvent } from './events.js';
import type { SweptShape } from './profiling/clock-sweep.js';
import { OnlineProfiling, type OnlineState } from './profiling/online-profiling.js';
import type { Degrees, ReportedStraggler } from './planning/planning-request.js';
import type { ProfileSettings, RankInfo } from './protocol.js';
import { Tally } from './tally.js';

/** A profile that was sent for one job. */
export interface SentProfile {
  readonly csv: string;
  readonly settings: ProfileSettings;
}

/**
 * The state of one job: a fold of its events, without a clock, a file or a network. It mutates itself
 * because a job has up to 131,072 ranks.
 */
export class JobState {
  readonly id: string;
  readonly degrees: Degrees;
  readonly metadata: string | undefined;
  readonly registeredAt: string;
  readonly ranks = new Map<number, RankInfo>();
  readonly stragglers = new Map<number, ReportedStraggler>();
  profile: SentProfile | undefined;
  scenarioText: string | undefined;
  planText: string | undefined;
  /** Measures the profile of a job that brings none; known once all its ranks are. */
  online: OnlineProfiling | undefined;
  private onlinePipeline: SweptShape | undefined;
  /** All reports. */
  readonly total = new Tally();
  /** Reports since the schedule last changed. */
  recent = new Tally();
  /** Grows with each event that changes the schedule. */
  revision = 0;
  /** Ranks by their place in the job. */
  private readonly places = new Map<number, number>();

  constructor({ id, degrees, metadata, at }: Extract<JobEvent, { type: 'job-registered' }>) {
    this.id = id;
    this.degrees = degrees;
    this.metadata = metadata;
    this.registeredAt = at;
  }

  get worldSize(): number {
    const { pp, dp, tp } = this.degrees;
    return pp * dp * tp;
  }

  /** The rank that has this place, if one has. */
  rankAt(place: Pick<RankInfo, 'dp_rank' | 'pp_rank' | 'tp_rank'>): number | undefined {
    return this.places.get(this.placeOf(place));
  }

  /** Takes an event that the rules of requests have let pass. */
  apply(event: JobEvent): void {
    switch (event.type) {
      case 'job-registered':
        return;
      case 'rank-registered':
        this.ranks.set(event.rank.rank, event.rank);
        this.places.set(this.placeOf(event.rank), event.rank.rank);
        return;
      case 'profile-set':
        this.profile = { csv: event.csv, settings: event.settings };
        this.replaceSettings();
        return;
      case 'scenario-set':
        this.scenarioText = event.text;
        this.replaceSettings();
        return;
      case 'plan-set':
        this.replaceSettings();
        this.planText = event.text;
        return;
      case 'straggler-reported':
        this.stragglers.set(event.straggler.pipeline, event.straggler);
        this.revise();
        return;
      case 'straggler-gone':
        this.stragglers.delete(event.pipeline);
        this.revise();
        return;
      case 'result-reported':
        this.total.add(event.result, event.digest);
        this.recent.add(event.result, event.digest);
        this.profileBy(event);
        return;
      case 'profiling-begun':
        this.beginProfiling(event.pipeline, event.state);
        return;
      case 'results-tallied':
        this.total.put(event.total);
        this.recent.put(event.recent);
        return;
      case 'revised':
        this.revision = event.revision;
    }
  }

  /**
   * The fewest events that lead to this state: what a file is cut down to.
   * Complexity: O(ranks).
   */
  *events(): Iterable<JobEvent> {
    const { id, degrees, metadata, registeredAt: at } = this;
    yield {
      type: 'job-registered',
      id,
      degrees,
      at,
      ...(metadata === undefined ? {} : { metadata }),
    };
    for (const rank of this.ranks.values()) yield { type: 'rank-registered', rank };
    if (this.scenarioText !== undefined) yield { type: 'scenario-set', text: this.scenarioText };
    if (this.profile !== undefined) yield { type: 'profile-set', ...this.profile };
    if (this.planText !== undefined) yield { type: 'plan-set', text: this.planText };
    for (const straggler of this.stragglers.values()) {
      yield { type: 'straggler-reported', straggler };
    }
    if (this.online !== undefined) {
      yield {
        type: 'profiling-begun',
        pipeline: this.onlinePipeline!,
        state: this.online.state,
      };
    }
    yield { type: 'revised', revision: this.revision };
    const [total, recent] = [this.total.list(), this.recent.list()];
    if (total.length > 0) yield { type: 'results-tallied', total, recent };
  }

  private placeOf({
    dp_rank,
    pp_rank,
    tp_rank,
  }: Pick<RankInfo, 'dp_rank' | 'pp_rank' | 'tp_rank'>) {
    const { pp, tp } = this.degrees;
    return (dp_rank * pp + pp_rank) * tp + tp_rank;
  }

  private replaceSettings(): void {
    this.planText = undefined;
    this.online = undefined;
    this.revise();
  }

  private beginProfiling(pipeline: SweptShape, state: OnlineState | undefined): void {
    const { degrees } = this;
    const job = { ...pipeline, degrees, ranks: [...this.ranks.values()] };
    this.online = new OnlineProfiling(job, state);
    this.onlinePipeline = pipeline;
  }

  private profileBy({ result, seen }: Extract<JobEvent, { type: 'result-reported' }>): void {
    const { online } = this;
    if (online === undefined) return;
    const before = online.revision;
    online.add(result, seen);
    if (online.revision !== before) this.revise();
  }

  private revise(): void {
    this.revision++;
    this.recent = new Tally();
  }
}
