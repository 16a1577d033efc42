import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { visibleLine } from '../../src/visible.js';
import type { Reply, Task } from './judge-process.js';

/** A planner that was ended so often is not waited for in every other case. */
const MOST_KILLED = 5;
const NOT_TRIED = `not tried: ${MOST_KILLED} cases before did not end, or took their process down`;

/** How work is shared among processes. */
export interface ProcessOptions {
  readonly workers: number;
  /** For one task. */
  readonly timeLimitS: number;
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * Does tasks in processes of their own: where one does not end, or takes its process down, that
 * task has failed and the others go on. Ctrl-C ends them all.
 *
 * @returns replies in the order of the tasks.
 */
export async function inProcesses(
  tasks: readonly Task[],
  { workers, timeLimitS, onProgress }: ProcessOptions,
): Promise<Reply[]> {
  const replies: Reply[] = [];
  const next = tasks.entries();
  const lanes = Array.from({ length: Math.min(workers, tasks.length) }, () => new PlannerProcess());
  const interrupted = (signal: NodeJS.Signals) => {
    lanes.forEach((lane) => {
      lane.end();
    });
    process.removeListener(signal, interrupted);
    process.kill(process.pid, signal);
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  let done = 0;
  let killed = 0;
  const doTasks = async (lane: PlannerProcess) => {
    for (const [k, task] of next) {
      const isHopeless = killed >= MOST_KILLED;
      const reply = isHopeless ? { failed: NOT_TRIED } : await lane.replyTo(task, timeLimitS);
      if ('failed' in reply) killed++;
      replies[k] = 'failed' in reply ? { ...reply, failed: visibleLine(reply.failed) } : reply;
      onProgress(++done, tasks.length);
    }
  };
  try {
    await Promise.all(lanes.map(doTasks));
  } finally {
    process.removeListener('SIGINT', interrupted).removeListener('SIGTERM', interrupted);
    lanes.forEach((lane) => {
      lane.end();
    });
  }
  return replies;
}

/** A process that does one task after the other, and is replaced when it is gone. */
class PlannerProcess {
  private child: ChildProcess | undefined;

  replyTo(task: Task, timeLimitS: number): Promise<Reply> {
    const child = this.child ?? begin();
    this.child = child;
    return new Promise((resolve) => {
      const settle = (reply: Reply) => {
        clearTimeout(timer);
        child.removeAllListeners();
        resolve(reply);
      };
      const gone = (how: string) => {
        // What it began may go on without it.
        this.end();
        settle({ failed: `it took its process down: ${how}` });
      };
      const timer = setTimeout(() => {
        this.end();
        settle({ failed: `no end within ${timeLimitS} s` });
      }, 1000 * timeLimitS);
      child.on('message', settle);
      child.on('error', ({ message }) => {
        gone(message);
      });
      child.on('exit', (code, signal) => {
        gone(signal ?? `exit code ${code ?? 'none'}`);
      });
      child.send(task);
    });
  }

  /** Ends the process and whatever it has begun, such as a planner's command. */
  end(): void {
    const { child } = this;
    this.child = undefined;
    child?.removeAllListeners();
    if (child?.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has no group (on Windows), or everything in it has ended.
      child.kill('SIGKILL');
    }
  }
}

function begin(): ChildProcess {
  const file = fileURLToPath(new URL('./judge-process.js', import.meta.url));
  return fork(file, {
    // What a planner prints, or V8 when it dies, is not part of the verdict.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
    // A group of its own, so that it can be ended with all that it began.
    detached: true,
  });
}
