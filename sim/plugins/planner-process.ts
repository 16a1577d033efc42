import { visibleLine } from '../../src/visible.js';
import { ContainedProcess } from '../processes/contained-process.js';
import { memoryShareMB } from '../processes/memory-share.js';
import type { Reply, Task } from './judge-process.js';

/** A planner that was stopped this often is given up: its other cases are not tried. */
const MOST_KILLED = 5;
const NOT_TRIED = `not tried: ${MOST_KILLED} earlier cases did not end or crashed their process`;

/** Settings for distributing work among processes. */
export interface ProcessOptions {
  readonly workers: number;
  /** Per task. */
  readonly timeLimitS: number;
  /** Resident memory of one process and its children; by default its share of the machine's. */
  readonly memoryMB?: number;
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * Performs tasks in separate processes: if a task does not end or crashes its process, it has
 * failed and the others continue. All processes, and their children, end with this one.
 *
 * @returns replies in the order of the tasks.
 */
export async function inProcesses(
  tasks: readonly Task[],
  { workers, timeLimitS, memoryMB, onProgress }: ProcessOptions,
): Promise<Reply[]> {
  const replies: Reply[] = [];
  const next = tasks.entries();
  const containment = {
    module: new URL('./judge-process.js', import.meta.url),
    memoryMB: memoryMB ?? memoryShareMB(workers),
    isForeign: true,
  };
  const lanes = Array.from(
    { length: Math.min(workers, tasks.length) },
    () => new ContainedProcess(containment),
  );
  let done = 0;
  let killed = 0;
  const doTasks = async (lane: ContainedProcess) => {
    for (const [k, task] of next) {
      const isHopeless = killed >= MOST_KILLED;
      const reply = isHopeless ? { failed: NOT_TRIED } : await replyOf(lane, task, timeLimitS);
      if ('failed' in reply) killed++;
      replies[k] = 'failed' in reply ? { ...reply, failed: visibleLine(reply.failed) } : reply;
      onProgress(++done, tasks.length);
    }
  };
  try {
    await Promise.all(lanes.map(doTasks));
  } finally {
    lanes.forEach((lane) => {
      lane.end();
    });
  }
  return replies;
}

async function replyOf(lane: ContainedProcess, task: Task, timeLimitS: number): Promise<Reply> {
  const outcome = await lane.ask(task, { timeLimitS });
  if ('answer' in outcome) return outcome.answer as Reply;
  const { cause, how } = outcome.death;
  return { failed: cause === 'other' ? `it crashed its process: ${how}` : how };
}
