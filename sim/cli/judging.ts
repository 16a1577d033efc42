import type { ProcessOptions } from '../plugins/planner-process.js';
import { progressBar } from './progress.js';
import type { Terminal } from './terminal.js';

/** Runs a step of judging with a progress bar of its own. */
export async function withProgress<T>(
  what: string,
  limits: Omit<ProcessOptions, 'onProgress'>,
  terminal: Terminal,
  step: (options: ProcessOptions) => Promise<T>,
): Promise<T> {
  const progress = progressBar(terminal);
  try {
    return await step({
      ...limits,
      onProgress: (done, total) => {
        progress.update(done, total, what);
      },
    });
  } finally {
    progress.stop();
  }
}
