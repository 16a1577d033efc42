import { Presets, SingleBar } from 'cli-progress';
import { visibleLine } from '../../src/visible.js';
import type { Terminal } from './terminal.js';

/** Work that ends sooner shows no progress. */
const PATIENCE_MS = 1000;

/** Shows the progress of a long command. */
export interface Progress {
  readonly update: (done: number, total: number, what: string) => void;
  readonly stop: () => void;
}

/** A progress bar on standard error after a second; nothing in a pipe. */
export function progressBar(terminal: Terminal): Progress {
  if (!terminal.isWatched) return { update: () => undefined, stop: () => undefined };
  const startMs = Date.now();
  let bar: SingleBar | undefined;
  return {
    update(done, total, what) {
      if (bar === undefined && Date.now() - startMs > PATIENCE_MS) {
        const options = { format: '{bar} {percentage} % {what}', clearOnComplete: true };
        bar = new SingleBar({ ...options, stream: process.stderr }, Presets.shades_classic);
        bar.start(total, done, { what: visibleLine(what) });
      }
      bar?.update(done, { what: visibleLine(what) });
    },
    stop: () => bar?.stop(),
  };
}
