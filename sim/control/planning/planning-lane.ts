import { Worker } from 'node:worker_threads';
import { ContainedProcess } from '../../processes/contained-process.js';
import { builtInPolicy } from './kept-plans.js';
import { outOfMemory, outOfTime, replyToError, type PlanningReply } from './planning-reply.js';
import type { PlanningRequest } from './planning-request.js';
import type { PluginTask } from './planning-process.js';
import type { ThreadSettings } from './planning-thread.js';

/** Limits of the planning of one job. */
export interface LaneLimits {
  readonly memoryMB: number;
  readonly timeLimitS: number;
}

/** Plans one job, one request after the other, beside the server's own thread. */
export interface PlanningLane {
  /** Always answers: a lane that dies has failed, and is over. */
  ask(request: PlanningRequest): Promise<PlanningReply>;
  readonly isOver: boolean;
  /** Ends it; a request in progress fails. */
  end(): Promise<void>;
}

/** A thread for built-in policies, a process for plug-ins: these are code of others. */
export function planningLane(policy: string, limits: LaneLimits): PlanningLane {
  return builtInPolicy(policy) === undefined ? new ProcessLane(limits) : new ThreadLane(limits);
}

/** Part of the memory that is on V8's heap of young objects, MB. */
const YOUNG_MB = 64;

class ThreadLane implements PlanningLane {
  isOver = false;
  private readonly worker: Worker;
  private settle: (reply: PlanningReply) => void = () => undefined;

  constructor(private readonly limits: LaneLimits) {
    const { memoryMB } = limits;
    const settings: ThreadSettings = { memoryMB };
    this.worker = new Worker(new URL('./planning-thread.js', import.meta.url), {
      workerData: settings,
      resourceLimits: {
        maxOldGenerationSizeMb: memoryMB,
        maxYoungGenerationSizeMb: Math.min(YOUNG_MB, memoryMB / 4),
      },
    });
    this.worker.unref();
    this.worker.on('message', (reply: PlanningReply) => {
      this.settle(reply);
    });
    this.worker.on('error', (error) => {
      const isMemory = (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
      this.die(replyToError(isMemory ? outOfMemory(memoryMB) : error));
    });
    this.worker.on('exit', (code) => {
      this.die({ failed: `planning failed: its thread ended with exit code ${code}` });
    });
  }

  async ask(request: PlanningRequest): Promise<PlanningReply> {
    const { timeLimitS } = this.limits;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<PlanningReply>((resolve) => {
        this.settle = resolve;
        this.worker.ref();
        timer = setTimeout(() => {
          this.die(replyToError(outOfTime(timeLimitS)));
        }, 1000 * timeLimitS);
        this.worker.postMessage(request);
      });
    } finally {
      clearTimeout(timer);
      // One that is being ended keeps the process until it has ended.
      if (!this.isOver) this.worker.unref();
    }
  }

  async end(): Promise<void> {
    this.die({ failed: 'planning was stopped' });
    await this.worker.terminate();
  }

  private die(reply: PlanningReply): void {
    if (this.isOver) return;
    this.isOver = true;
    this.settle(reply);
    void this.worker.terminate();
  }
}

class ProcessLane implements PlanningLane {
  isOver = false;
  private readonly process: ContainedProcess;

  constructor(private readonly limits: LaneLimits) {
    this.process = new ContainedProcess({
      module: new URL('./planning-process.js', import.meta.url),
      memoryMB: limits.memoryMB,
      isForeign: true,
    });
  }

  async ask(request: PlanningRequest): Promise<PlanningReply> {
    const { timeLimitS, memoryMB } = this.limits;
    const task: PluginTask = { request, timeLimitS };
    const outcome = await this.process.ask(task, { timeLimitS });
    if ('answer' in outcome) return outcome.answer as PlanningReply;
    this.isOver = true;
    const { cause, how } = outcome.death;
    if (cause === 'memory') return replyToError(outOfMemory(memoryMB));
    if (cause === 'time') return replyToError(outOfTime(timeLimitS));
    return { failed: `planning failed: ${request.policy} crashed its process: ${how}` };
  }

  end(): Promise<void> {
    this.isOver = true;
    this.process.end();
    return Promise.resolve();
  }
}
