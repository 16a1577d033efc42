import { compensatedSum } from '../../src/compensated-sum.js';
import type { Stretch, Waiting, Working } from './fault-course.js';
import type { FaultJob } from './fault-job.js';

/**
 * The accounts of a job with faults: every second and every joule of its course is in one of them. All
 * but the first are lost.
 */
export const FAULT_ACCOUNTS = {
  useful: { title: 'useful', lines: ['', 'useful'] },
  lostWork: { title: 'work done again', lines: ['done', 'again'] },
  checkpoint: { title: 'checkpoints', lines: ['check-', 'points'] },
  detection: { title: 'until noticed', lines: ['until', 'noticed'] },
  repair: { title: 'waiting for a node', lines: ['for', 'nodes'] },
  restart: { title: 'restarts', lines: ['', 'restarts'] },
  missing: { title: 'pipelines that lack a node', lines: ['fewer', 'pipelines'] },
  spares: { title: 'idle GPUs', lines: ['idle', 'GPUs'] },
} as const satisfies Readonly<
  Record<string, { readonly title: string; readonly lines: readonly [string, string] }>
>;

export type FaultAccount = keyof typeof FAULT_ACCOUNTS;

/** Names in order. */
export const FAULT_ACCOUNT_NAMES = Object.keys(FAULT_ACCOUNTS) as readonly FaultAccount[];

/** Accounts of what is lost. */
export const LOST_ACCOUNTS = FAULT_ACCOUNT_NAMES.filter((name) => name !== 'useful');

/** An account's share of a stretch. */
export interface Booking {
  readonly account: FaultAccount;
  /** Of the whole job: half of its pipelines for a second are half a second. */
  readonly timeS: number;
  /** Of all GPUs, the spares included. */
  readonly energyJ: number;
}

/** The sums of a course. */
export interface CourseTotals {
  readonly faults: number;
  readonly timeS: Readonly<Record<FaultAccount, number>>;
  readonly energyJ: Readonly<Record<FaultAccount, number>>;
}

/** Adds up a course. O(1) per stretch. */
export function courseTotals(job: FaultJob, course: Iterable<Stretch>): CourseTotals {
  const sums = FAULT_ACCOUNT_NAMES.map(() => ({
    time: compensatedSum(),
    energy: compensatedSum(),
  }));
  let faults = 0;
  for (const stretch of course) {
    if (stretch.phase === 'working' ? stretch.endsBy === 'fault' : stretch.isStruck) faults++;
    for (const { account, timeS, energyJ } of bookings(job, stretch)) {
      const { time, energy } = sums[FAULT_ACCOUNT_NAMES.indexOf(account)]!;
      time.add(timeS);
      energy.add(energyJ);
    }
  }
  const totals = (of: (typeof sums)[number] extends infer Sum ? (sum: Sum) => number : never) =>
    Object.fromEntries(FAULT_ACCOUNT_NAMES.map((name, k) => [name, of(sums[k]!)])) as Record<
      FaultAccount,
      number
    >;
  return {
    faults,
    timeS: totals(({ time }) => time.value()),
    energyJ: totals(({ energy }) => energy.value()),
  };
}

/** The accounts of a stretch. */
export function bookings(job: FaultJob, stretch: Stretch): Booking[] {
  return stretch.phase === 'working' ? ofWork(job, stretch) : ofWaiting(job, stretch);
}

function ofWork(job: FaultJob, stretch: Working): Booking[] {
  const { pipelines, timeS, computedS, keptS } = stretch;
  const share = pipelines / job.pipelines;
  const powerW = job.iterationJ / job.iterationS;
  const book = (account: FaultAccount, wholeS: number): Booking => ({
    account,
    timeS: share * wholeS,
    energyJ: share * wholeS * powerW,
  });
  const pausedS = timeS - computedS;
  const pausedW = pipelines * job.gpusPerPipeline * job.rules.pauseW;
  return [
    book('useful', keptS),
    book('lostWork', computedS - keptS),
    { account: 'missing', timeS: (1 - share) * computedS, energyJ: 0 },
    { account: 'checkpoint', timeS: pausedS, energyJ: pausedS * pausedW },
    ofIdle(job, stretch),
  ];
}

function ofWaiting(job: FaultJob, stretch: Waiting): Booking[] {
  const { phase, timeS } = stretch;
  if (phase === 'repair') {
    return [{ account: 'repair', timeS, energyJ: idleGpuS(stretch) * job.rules.waitingW }];
  }
  const gpus = stretch.pipelines * job.gpusPerPipeline;
  const energyJ = timeS * gpus * waitingPowerW(job, phase);
  return [{ account: phase, timeS, energyJ }, ofIdle(job, stretch)];
}

/** Of one GPU. */
function waitingPowerW({ rules }: FaultJob, phase: Waiting['phase']): number {
  return phase === 'restart' ? rules.restartW : rules.waitingW;
}

function ofIdle({ rules }: FaultJob, stretch: Stretch): Booking {
  return { account: 'spares', timeS: 0, energyJ: idleGpuS(stretch) * (rules.nodes?.idleW ?? 0) };
}

function idleGpuS({ idle }: Stretch): number {
  return idle.reduce((sum, { timeS, gpus }) => sum + timeS * gpus, 0);
}
