import { Presets, SingleBar } from 'cli-progress';
import type { Terminal } from './terminal.js';

/** Shows how far a sweep is. */
export interface SweepProgress {
  readonly update: (done: number, failed: number, total: number) => void;
  readonly stop: () => void;
}

const FORMAT = '{bar} {value}/{total} runs, {rate}/s, {failed} failed, {eta_formatted} left';

/** A bar with rate, time left and failures on standard error; nothing in a pipe. */
export function sweepProgress(terminal: Terminal): SweepProgress {
  if (!terminal.isWatched) return { update: () => undefined, stop: () => undefined };
  const bar = new SingleBar(
    { format: FORMAT, clearOnComplete: true, stream: process.stderr },
    Presets.shades_classic,
  );
  let start: { readonly ms: number; readonly done: number } | undefined;
  return {
    update(done, failed, total) {
      if (start === undefined) {
        start = { ms: Date.now(), done };
        bar.start(total, done, { rate: '–', failed });
      }
      const seconds = (Date.now() - start.ms) / 1e3;
      const rate = seconds > 0 ? ((done - start.done) / seconds).toFixed(1) : '–';
      bar.update(done, { rate, failed });
    },
    stop: () => {
      bar.stop();
    },
  };
}
