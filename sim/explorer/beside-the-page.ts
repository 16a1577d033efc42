import type { Clock, WorkerLike } from './question-lane.js';

/** A worker of the page. The bundler reads this address. */
export function makeWorker(): WorkerLike {
  return new Worker(new URL('./calculation-worker.ts', import.meta.url), { type: 'module' });
}

/** The page's clock. */
export const PAGE_CLOCK: Clock = {
  nowMs: () => performance.now(),
  after: (delayMs, act) => {
    const timer = setTimeout(act, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};
