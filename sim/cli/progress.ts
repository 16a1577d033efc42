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

/** A progress bar with the time left, on standard error after a second; nothing in a pipe. */
export function progressBar(terminal: Terminal): Progress {
  if (!terminal.isWatched) return { update: () => undefined, stop: () => undefined };
  const startMs = Date.now();
  let bar: SingleBar | undefined;
  return {
    update(done, total, what) {
      if (bar === undefined && Date.now() - startMs > PATIENCE_MS) {
        const options = { format: '{bar} {percentage} % {what}{left}', clearOnComplete: true };
        bar = new SingleBar({ ...options, stream: process.stderr }, Presets.shades_classic);
        bar.start(total, done, { what: '', left: '' });
      }
      const left = timeLeft((Date.now() - startMs) / 1e3, done / total);
      bar?.update(done, { what: visibleLine(what), left });
    },
    stop: () => bar?.stop(),
  };
}

/** Seconds are not known better than to the next of these. */
const ROUND_S = 5;

/** The time left of work at its rate so far: `, about 1 min 20 s left`. Empty until that is known. */
export function timeLeft(elapsedS: number, part: number): string {
  if (!(part > 0)) return '';
  const leftS = Math.ceil((elapsedS * (1 / part - 1)) / ROUND_S) * ROUND_S;
  const minutes = Math.floor(leftS / 60);
  const seconds = leftS % 60;
  const parts = [
    ...(minutes === 0 ? [] : [`${minutes} min`]),
    ...(minutes >= 10 || (seconds === 0 && minutes > 0) ? [] : [`${seconds} s`]),
  ];
  return `, about ${parts.join(' ')} left`;
}
