import { availableParallelism, totalmem } from 'node:os';
import { memoryShareMB } from '../../processes/memory-share.js';
import { plansKey } from './kept-plans.js';
import { planningLane, type LaneLimits, type PlanningLane } from './planning-lane.js';
import { schedulesOf } from './planning-reply.js';
import type { JobPlanning, PlannedSchedules, PlanningRequest } from './planning-request.js';

/** Limits of planning; each has a default. */
export interface PlanningOptions {
  /** Memory of one job's planning; default: an eighth of what the machine can share out. */
  readonly memoryMB?: number;
  /** Time of one request; default: 15 minutes. */
  readonly timeLimitS?: number;
  /** Jobs that are planned at once, besides those that take long; default: two per core, at least 4. */
  readonly mostAtOnce?: number;
  /** Threads at once, those that only keep a frontier included; default: 32. */
  readonly mostThreads?: number;
  /** A thread that was asked nothing for this long ends; default: 10 minutes. */
  readonly idleS?: number;
}

/** A job in planning for longer than this makes room for another one. */
const LONG_MS = 2000;
/** A thread whose request was given up goes on this long, in case the next one needs its plans. */
const GRACE_MS = 250;
/** Part of the machine's memory that kept frontiers may take. */
const KEPT_PART = 0.25;

/**
 * Plans jobs in threads, one for each job that is asked about, plug-ins in processes. Short planning
 * does not wait for long planning: a job that takes long no longer counts among those at once, and
 * its thread has the lower priority. A thread keeps its job's frontier, so that the plan for another
 * straggler takes milliseconds, until it was idle for a while or others need the room.
 */
export function startPlanning(options: PlanningOptions = {}): JobPlanning {
  return new PlanningThreads(options);
}

/** A request, and whoever waits for its plans. */
interface Ask {
  readonly request: PlanningRequest;
  readonly key: string;
  readonly resolve: (planned: PlannedSchedules) => void;
  readonly reject: (reason: unknown) => void;
  /** Whether nobody waits any more. */
  isLeft: boolean;
}

interface Job {
  lane: PlanningLane | undefined;
  /** Key of the plans that its thread keeps, or is making. */
  key: string | undefined;
  keptMB: number;
  running: Ask | undefined;
  isLong: boolean;
  readonly waiting: Ask[];
  idle: NodeJS.Timeout | undefined;
}

class PlanningThreads implements JobPlanning {
  /** Those used last come last. */
  private readonly jobs = new Map<string, Job>();
  private readonly limits: LaneLimits;
  private readonly mostAtOnce: number;
  private readonly mostThreads: number;
  private readonly idleMs: number;
  private readonly mostKeptMB = (KEPT_PART * totalmem()) / 2 ** 20;
  private isClosed = false;

  constructor(options: PlanningOptions) {
    const { memoryMB = memoryShareMB(8), timeLimitS = 900, mostThreads = 32 } = options;
    this.limits = { memoryMB, timeLimitS };
    this.mostThreads = mostThreads;
    this.mostAtOnce = options.mostAtOnce ?? Math.max(4, 2 * availableParallelism());
    this.idleMs = 1000 * (options.idleS ?? 600);
  }

  async plan(request: PlanningRequest, signal?: AbortSignal): Promise<PlannedSchedules> {
    signal?.throwIfAborted();
    if (this.isClosed) throw new Error('planning has ended');
    let leave: () => void = () => undefined;
    const planned = new Promise<PlannedSchedules>((resolve, reject) => {
      const job = this.jobs.get(request.jobId) ?? newJob();
      this.jobs.delete(request.jobId);
      this.jobs.set(request.jobId, job);
      const ask: Ask = { request, key: plansKey(request), resolve, reject, isLeft: false };
      job.waiting.push(ask);
      leave = () => {
        this.leave(job, ask, signal?.reason);
      };
    });
    signal?.addEventListener('abort', leave, { once: true });
    this.next();
    try {
      return await planned;
    } finally {
      signal?.removeEventListener('abort', leave);
    }
  }

  forget(jobId: string): void {
    const job = this.jobs.get(jobId);
    if (job === undefined) return;
    this.jobs.delete(jobId);
    void this.stop(job, new Error('the job is gone'));
    this.next();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    const all = [...this.jobs.values()];
    this.jobs.clear();
    await Promise.all(all.map((job) => this.stop(job, new Error('planning has ended'))));
  }

  /** Begins whatever can be begun: choices among kept plans at once, the rest as there is room. */
  private next(): void {
    for (const job of [...this.jobs.values()]) {
      const ask = job.waiting[0];
      if (ask === undefined) continue;
      if (job.running?.isLeft === true && job.key !== ask.key) void endLane(job);
      if (job.running !== undefined) continue;
      const isChoice = job.lane?.isOver === false && job.key === ask.key;
      if (!isChoice && !this.makesRoom(job)) continue;
      job.waiting.shift();
      void this.run(job, ask);
    }
  }

  /** Whether one more job can be planned; idle threads end if there are too many. */
  private makesRoom(job: Job): boolean {
    const all = [...this.jobs.values()];
    const working = all.filter((one) => one.running !== undefined);
    if (working.filter((one) => !one.isLong).length >= this.mostAtOnce) return false;
    const idle = all.filter((one) => one !== job && one.lane && one.running === undefined);
    const mostIdle = this.mostThreads - 1 - working.length;
    if (mostIdle < 0) return false;
    for (const one of idle.slice(0, Math.max(0, idle.length - mostIdle))) void endLane(one);
    return true;
  }

  private async run(job: Job, ask: Ask): Promise<void> {
    job.running = ask;
    job.isLong = false;
    clearTimeout(job.idle);
    if (job.lane?.isOver !== false || isOtherKind(job.key, ask.key)) void endLane(job);
    job.lane ??= planningLane(ask.request.policy, this.limits);
    job.key = ask.key;
    const long = setTimeout(() => {
      job.isLong = true;
      this.next();
    }, LONG_MS);
    const { lane } = job;
    const reply = await lane.ask(ask.request);
    clearTimeout(long);
    job.running = undefined;
    if (job.lane === lane) this.keep(job, 'keptMB' in reply ? reply.keptMB : undefined);
    settle(ask, () => schedulesOf(reply));
    this.next();
  }

  /** Keeps a job's thread, unless its request failed; the least recently used make room for it. */
  private keep(job: Job, keptMB: number | undefined): void {
    if (keptMB === undefined) {
      void endLane(job);
      return;
    }
    job.keptMB = keptMB;
    job.idle = setTimeout(() => {
      void endLane(job);
    }, this.idleMs).unref();
    const idle = [...this.jobs.values()].filter((one) => one.lane && one.running === undefined);
    let sumMB = idle.reduce((sum, one) => sum + one.keptMB, 0);
    for (const one of idle) {
      if (sumMB <= this.mostKeptMB) break;
      sumMB -= one.keptMB;
      void endLane(one);
    }
  }

  /** Gives up a request: its thread stops, unless another request soon needs the same plans. */
  private leave(job: Job, ask: Ask, reason: unknown): void {
    ask.isLeft = true;
    ask.reject(reason);
    const at = job.waiting.indexOf(ask);
    if (at >= 0) job.waiting.splice(at, 1);
    if (job.running !== ask) return;
    setTimeout(() => {
      if (job.running === ask && job.waiting[0]?.key !== ask.key) void endLane(job);
    }, GRACE_MS);
    this.next();
  }

  private stop(job: Job, reason: Error): Promise<void> {
    for (const ask of [...job.waiting, ...(job.running ? [job.running] : [])]) ask.reject(reason);
    job.waiting.length = 0;
    return endLane(job);
  }
}

function newJob(): Job {
  return {
    ...{ lane: undefined, key: undefined, keptMB: 0, running: undefined, isLong: false },
    ...{ waiting: [], idle: undefined },
  };
}

/** Whether a thread that keeps other plans is begun anew, so that it has all its memory. */
function isOtherKind(kept: string | undefined, wanted: string): boolean {
  return kept !== undefined && kept !== wanted;
}

async function endLane(job: Job): Promise<void> {
  const { lane } = job;
  clearTimeout(job.idle);
  job.lane = undefined;
  job.key = undefined;
  job.keptMB = 0;
  await lane?.end();
}

function settle(ask: Ask, make: () => PlannedSchedules): void {
  try {
    ask.resolve(make());
  } catch (error) {
    ask.reject(error);
  }
}
