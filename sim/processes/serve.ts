import { writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Lifeline } from './lifeline.js';

/** The messages of a contained process: one in between, or its answer. */
export type Sent = { readonly told: unknown } | { readonly answer: unknown };

/**
 * Turns this process into one that performs a task for each message of its parent, and ends with
 * its parent.
 *
 * @param answer performs a task. Once `tell` has returned, its message has left the process, and
 *   is not lost even if the process then dies.
 */
export function serveParent(
  answer: (task: unknown, tell: (told: unknown) => Promise<void>) => Promise<unknown>,
): void {
  const lifeline = JSON.parse(process.argv[2]!) as Lifeline;
  const thread = new Worker(new URL('./lifeline.js', import.meta.url), {
    workerData: lifeline,
    // It needs little, and must not use up the memory of the process itself.
    resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 },
  });
  thread.unref();
  preferToBeEnded();
  process.on('disconnect', () => process.exit());
  process.on('message', (task: unknown) => {
    void answer(task, (told) => send({ told })).then((value) => send({ answer: value }));
  });
}

/** Makes a Linux that runs out of memory end this process rather than its parent. */
function preferToBeEnded(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '500');
  } catch {
    // Other systems have other mechanisms.
  }
}

function send(sent: Sent): Promise<void> {
  return new Promise((resolve) => {
    // Without a parent, a failed send cannot be reported.
    process.send!(sent, () => {
      resolve();
    });
  });
}
