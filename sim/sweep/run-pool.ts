import { ContainedProcess } from '../processes/contained-process.js';
import type { Death } from '../processes/death.js';
import { failedRun, type RunResult, type RunTask } from './run-result.js';

/** The number of processes, and the limits of each. */
export interface PoolOptions {
  readonly workers: number;
  /** Resident memory of a process. */
  readonly memoryMB: number;
  /** The module that its processes run, if not `run-process.js`. */
  readonly module?: URL;
}

const RUN_PROCESS = new URL('./run-process.js', import.meta.url);

export type OnResult = (result: RunResult) => Promise<void>;

/**
 * Processes that execute runs. A run that kills its process has failed, with the cause of death as
 * its error: but only if it also kills a process of its own, so that a run's result does not depend
 * on the runs before it.
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
   * Executes runs with the same planning problem, in one process as long as it lives, when one is free.
   *
   * @param onResult is called with each result when it is ready, in order.
   * @throws Error if the pool is ended before all are done.
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

  /** Ends all processes; runs under way are given up. */
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

  /** Restarts the runs that a dead process left, the one that it died of by itself. */
  private async doIn(
    process: ContainedProcess,
    tasks: readonly RunTask[],
    onResult: OnResult,
  ): Promise<void> {
    const { isFresh } = process;
    const { left, death } = await this.tryIn(process, tasks, onResult);
    const [suspect, ...others] = left;
    if (suspect === undefined || death === undefined) return;
    // No run before it might have used the memory up.
    const isByItself = isFresh && left.length === tasks.length;
    if (isByItself) await onResult(failedRun(suspect.index, errorOf(death)));
    else await this.doIn(process, [suspect], onResult);
    if (others.length > 0) await this.doIn(process, others, onResult);
  }

  /** @returns runs without a result, in order, and the cause of their process's death. */
  private async tryIn(
    process: ContainedProcess,
    tasks: readonly RunTask[],
    onResult: OnResult,
  ): Promise<{ left: readonly RunTask[]; death?: Death }> {
    this.checkLiving();
    const done = new Set<number>();
    const onTold = (told: unknown) => {
      // The caller of the sweep waits for what is still being written.
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

/** The same message whatever the limit, which may depend on the number of workers. */
function errorOf({ cause, how }: Death): string {
  return cause === 'memory'
    ? 'its process needed more memory than a run may have; --memory gives it more'
    : `its process died: ${how}`;
}
