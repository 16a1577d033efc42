import type { SweptShape } from './profiling/clock-sweep.js';
import type { OnlineState, SeenReport } from './profiling/online-profiling.js';
import type { Degrees, ReportedStraggler } from './planning/planning-request.js';
import type { ProfileSettings, ProfilingResult, RankInfo } from './protocol.js';

/** Reports of one rank, added up. */
export interface RankTally {
  readonly rank: number;
  readonly reports: number;
  readonly iterations: number;
  readonly timeS: number;
  readonly energyJ: number;
  /** Identifies its last report. */
  readonly digest: string;
  readonly round?: number | undefined;
}

/**
 * The things that happen to a job. Its state is a fold of them, so that what a file holds of them is
 * all that a restarted server needs.
 */
export type JobEvent =
  | {
      readonly type: 'job-registered';
      readonly id: string;
      readonly degrees: Degrees;
      readonly metadata?: string | undefined;
      /** ISO 8601. */
      readonly at: string;
    }
  | { readonly type: 'rank-registered'; readonly rank: RankInfo }
  | { readonly type: 'profile-set'; readonly csv: string; readonly settings: ProfileSettings }
  | { readonly type: 'scenario-set'; readonly text: string }
  | { readonly type: 'plan-set'; readonly text: string }
  | { readonly type: 'straggler-reported'; readonly straggler: ReportedStraggler }
  | { readonly type: 'straggler-gone'; readonly pipeline: number }
  | {
      readonly type: 'profiling-begun';
      readonly pipeline: SweptShape;
      /** How far it has come, once a file has grown too large for all reports. */
      readonly state?: OnlineState;
    }
  | {
      readonly type: 'result-reported';
      readonly result: ProfilingResult;
      /** What it shows beside the schedule that was run, where profiling needs that. */
      readonly seen?: SeenReport;
      /** Identifies the report, to recognise one that is sent twice. */
      readonly digest: string;
    }
  /** Stands for earlier reports once a file has grown too large. */
  | {
      readonly type: 'results-tallied';
      readonly total: readonly RankTally[];
      /** Since the schedule last changed. */
      readonly recent: readonly RankTally[];
    }
  /** Stands for changes of schedule that a later one has replaced. */
  | { readonly type: 'revised'; readonly revision: number };
