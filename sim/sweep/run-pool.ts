import { ContainedProcess } from '../processes/contained-process.js';
import type { Death } from '../processes/death.js';
import { failedRun, type RunResult, type RunTask } from './run-result.js';

/** How many processes do runs, and what each may have. */
export interface PoolOptions {
  readonly workers: number;
  /** Resident memory of a process. */
  readonly memoryMB: number;
  /** What its processes run, if not `run-process.js`. */
  readonly module?: URL;
}

const RUN_PROCESS = new URL('./run-process.js', import.meta.url);

export type OnResult = (result: RunResult) => Promise<void>;

/**
 * Processes that do runs. A run that its process dies of has failed, with what it died of as its
 * error: only that run, and only if it takes a process of its own with it too, so that a run's result
 * does not depend on what was done beside it.
 */
export class RunPool {
  private readonly idle: ContainedProcess[];
  private readonly all: readonly ContainedProcess[];
  private readonly waiting: ((process: ContainedProcess) => void)[] = [];
  private isEnded = false;

  constructor({ workers, memoryMB, module = RUN_PROCESS }: PoolOptions) {
    this.all = Array.from(
      { length: workers },
      () => new ContainedProcess({ module, memoryMB, isForeign: false }),
    );
    this.idle = [...this.all].reverse();
  }

  /**
   * Does runs that plan the same, in one process as long as it lives, when one is free.
   *
   * @param onResult is told of each result as it is there, in order.
   * @throws Error when the pool is ended before all are done.
   */
  async do(tasks: readonly RunTask[], onResult: OnResult): Promise<void> {
    const process = await this.free();
    try {
      await this.doIn(process, tasks, onResult);
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.idle.push(process);
      else next(process);
    }
  }

  /** Ends all processes; runs that are under way are given up. */
  end(): void {
    this.isEnded = true;
    for (const process of this.all) process.end();
  }

  private async free(): Promise<ContainedProcess> {
    return this.idle.pop() ?? new Promise((resolve) => this.waiting.push(resolve));
  }

  private checkLiving(): void {
    if (this.isEnded) throw new Error('the processes were ended');
  }

  /** What a process that died has left is begun anew, the run that it died of by itself. */
  private async doIn(
    process: ContainedProcess,
    tasks: readonly RunTask[],
    onResult: OnResult,
  ): Promise<void> {
    const { isFresh } = process;
    const { left, death } = await this.tryIn(process, tasks, onResult);
    const [suspect, ...others] = left;
    if (suspect === undefined || death === undefined) return;
    // Nothing was done before it that might have used memory up.
    const isByItself = isFresh && left.length === tasks.length;
    if (isByItself) await onResult(failedRun(suspect.index, errorOf(death)));
    else await this.doIn(process, [suspect], onResult);
    if (others.length > 0) await this.doIn(process, others, onResult);
  }

  /** @returns runs without a result, in order, and what their process died of. */
  private async tryIn(
    process: ContainedProcess,
    tasks: readonly RunTask[],
    onResult: OnResult,
  ): Promise<{ left: readonly RunTask[]; death?: Death }> {
    this.checkLiving();
    const done = new Set<number>();
    const onTold = (told: unknown) => {
      // Whoever began the sweep waits for what is still being written.
      if (this.isEnded) return;
      const result = told as RunResult;
      done.add(result.index);
      void onResult(result);
    };
    const outcome = await process.ask(tasks, { onTold });
    const left = tasks.filter(({ index }) => !done.has(index));
    if (!('death' in outcome)) return { left: [] };
    this.checkLiving();
    return { left, death: outcome.death };
  }
}

/** The same whatever the limit, which may depend on the number of workers. */
function errorOf({ cause, how }: Death): string {
  return cause === 'memory'
    ? 'its process needed more memory than a run may have; --memory gives it more'
    : `its process died: ${how}`;
}
