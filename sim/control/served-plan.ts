import { formatProblem, InputError } from '../../src/errors.js';
import type { PipelineClocks, StageClocks } from '../plans/clock-lists.js';
import { plansKey } from './planning/kept-plans.js';
import type {
  JobPlanning,
  PlannedSchedules,
  PlanningRequest,
} from './planning/planning-request.js';

/** The schedules that a job is served, in the form in which they are sent. */
interface Served {
  /** The revision of the state that they follow from. */
  readonly revision: number;
  readonly schedules: PlannedSchedules;
  /** The `frequencies` of schedules, as JSON, by stage; of pipelines that are not slow, and of others. */
  readonly bodies: Map<string, string>;
}

/** The reason why a job has no plan. */
export interface PlanFailure {
  readonly revision: number;
  readonly problems: readonly string[];
  /** Whether nothing in the job's input explains it. */
  readonly isBug: boolean;
}

/** The inputs of a plan that is wanted. */
export interface WantedPlan {
  readonly revision: number;
  /** Undefined where settings are lacking. It takes time: a scenario is read. */
  readonly request: () => PlanningRequest | undefined;
}

/** Called with each plan that was made, and the seconds that it took. */
export type OnPlanned = (seconds: number, isRight: boolean) => void;

/** A plan that is being made. */
interface InWork {
  readonly key: string;
  /** The latest revision that was seen to need the same plans. */
  revision: number;
  /** Aborted once its plans are of no use. */
  readonly outdated: AbortController;
}

/**
 * Keeps the plan of one job up to date: one plan is made at a time, always for the latest state, while
 * the last one is still served. A plan in work is given up once other plans are wanted; other
 * stragglers only choose among the same plans.
 */
export class ServedPlan {
  served: Served | undefined;
  failure: PlanFailure | undefined;
  private inWork: InWork | undefined;
  /** Whether the server is stopping. */
  isClosed = false;
  private readonly stop = new AbortController();
  private readonly waiting = new Set<() => void>();

  /**
   * @param wanted tells the present inputs.
   * @param secondsNow a clock.
   */
  constructor(
    private readonly planning: JobPlanning,
    private readonly wanted: () => WantedPlan,
    private readonly secondsNow: () => number,
    private readonly onPlanned: OnPlanned,
  ) {}

  /** Whether a plan is being made. */
  get isBusy(): boolean {
    return this.inWork !== undefined;
  }

  /** Makes a plan for the present state, if it has none. */
  refresh(): void {
    if (this.isClosed) return;
    const wanted = this.wanted();
    const { revision } = wanted;
    if (Math.max(this.settledRevision(), this.inWork?.revision ?? -1) >= revision) return;
    const request = wanted.request();
    if (this.inWork !== undefined) {
      this.review(this.inWork, revision, request);
      return;
    }
    if (request === undefined) return;
    const inWork = { key: plansKey(request), revision, outdated: new AbortController() };
    this.inWork = inWork;
    void this.plan(request, inWork, revision).finally(() => {
      this.inWork = undefined;
      for (const tell of [...this.waiting]) tell();
      this.refresh();
    });
  }

  /** Gives up the plan in work if it is not the one that is wanted now. */
  private review(inWork: InWork, revision: number, request: PlanningRequest | undefined): void {
    inWork.revision = revision;
    if (request !== undefined && plansKey(request) === inWork.key) return;
    inWork.outdated.abort(new Error('other plans are wanted'));
  }

  /** The latest revision that was planned, or found impossible to plan. */
  settledRevision(): number {
    return Math.max(this.served?.revision ?? -1, this.failure?.revision ?? -1);
  }

  /** Tries again after a failure that the job's input does not explain. */
  forgetBug(): void {
    if (this.failure?.isBug === true && !this.isBusy) this.failure = undefined;
  }

  /** Resolves when planning has ended, or `signal` says that the caller has gone. */
  async change(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const end = () => {
        this.waiting.delete(end);
        signal.removeEventListener('abort', end);
        resolve();
      };
      this.waiting.add(end);
      signal.addEventListener('abort', end);
      if (signal.aborted || this.isClosed) end();
    });
  }

  /** The clocks of a stage of a pipeline, where a plan is known. */
  clocks(pipeline: number, stage: number): StageClocks | undefined {
    return this.pipelineClocks(pipeline)?.[stage];
  }

  /** The same as JSON; made once. */
  body(pipeline: number, stage: number): string | undefined {
    const { served } = this;
    if (served === undefined) return undefined;
    const key = `${pipeline in served.schedules.ofStragglers ? pipeline : ''}/${stage}`;
    let body = served.bodies.get(key);
    if (body === undefined) {
      const clocks = this.clocks(pipeline, stage) ?? [];
      body = bodyOf(clocks);
      served.bodies.set(key, body);
    }
    return body;
  }

  close(): void {
    this.isClosed = true;
    this.stop.abort();
    for (const tell of [...this.waiting]) tell();
  }

  private pipelineClocks(pipeline: number): PipelineClocks | undefined {
    const schedules = this.served?.schedules;
    return schedules?.ofStragglers[pipeline] ?? schedules?.healthy;
  }

  private async plan(
    request: PlanningRequest,
    { outdated }: InWork,
    revision: number,
  ): Promise<void> {
    const from = this.secondsNow();
    const signal = AbortSignal.any([this.stop.signal, outdated.signal]);
    try {
      const schedules = await this.planning.plan(request, signal);
      this.served = { revision, schedules, bodies: new Map() };
      this.failure = undefined;
      this.onPlanned(this.secondsNow() - from, true);
    } catch (error) {
      if (signal.aborted) return;
      this.failure = { revision, ...failureOf(error) };
      this.onPlanned(this.secondsNow() - from, false);
    }
  }
}

function failureOf(error: unknown): { problems: readonly string[]; isBug: boolean } {
  if (error instanceof InputError) {
    return { problems: error.problems.map(formatProblem), isBug: false };
  }
  const { message } = error instanceof Error ? error : new Error(String(error));
  return { problems: [`planning failed: ${message.split('\n')[0]!}`], isBug: true };
}

/** The `frequencies` of a schedule, as JSON. */
export function bodyOf(clocks: StageClocks): string {
  return JSON.stringify(clocks.map(({ kind, frequencyMHz }) => [kind, frequencyMHz]));
}
