import { writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Lifeline } from './lifeline.js';

/** What a contained process sends: something meanwhile, or its answer. */
export type Sent = { readonly told: unknown } | { readonly answer: unknown };

/**
 * Makes this process one that does a task for each message of its parent and ends with its parent.
 *
 * @param answer does a task; what it tells meanwhile has left the process when `tell` is done, so
 *   that it is not lost if the process dies of what comes next.
 */
export function serveParent(
  answer: (task: unknown, tell: (told: unknown) => Promise<void>) => Promise<unknown>,
): void {
  const lifeline = JSON.parse(process.argv[2]!) as Lifeline;
  const thread = new Worker(new URL('./lifeline.js', import.meta.url), {
    workerData: lifeline,
    // It needs little, and must not take what the process itself may have.
    resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 },
  });
  thread.unref();
  preferToBeEnded();
  process.on('disconnect', () => process.exit());
  process.on('message', (task: unknown) => {
    void answer(task, (told) => send({ told })).then((value) => send({ answer: value }));
  });
}

/** Has a Linux that is out of memory end this process rather than its parent. */
function preferToBeEnded(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '500');
  } catch {
    // Other systems have other ways.
  }
}

function send(sent: Sent): Promise<void> {
  return new Promise((resolve) => {
    // Without a parent there is nobody to tell that sending failed.
    process.send!(sent, () => {
      resolve();
    });
  });
}
