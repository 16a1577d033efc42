import { Presets, SingleBar } from 'cli-progress';
import { visibleLine } from '../../src/visible.js';
import type { Terminal } from './terminal.js';

/** Shows the progress of a sweep. */
export interface SweepProgress {
  readonly update: (done: number, failed: number, total: number) => void;
  /** Prints a sentence without breaking the bar. */
  readonly say: (sentence: string) => void;
  readonly stop: () => void;
}

/** The time between lines in a log. */
const LOG_EVERY_MS = 30_000;

/**
 * The progress of a sweep, with rate, failures and time left, on standard error: a bar in a
 * terminal, now and then a line in a log.
 */
export function sweepProgress(
  terminal: Terminal,
  nowMs: () => number = () => Date.now(),
): SweepProgress {
  const rate = new Rate(nowMs);
  return terminal.isWatched ? barProgress(rate, terminal) : logProgress(rate, terminal, nowMs);
}

/** Runs per second since the beginning, and the time left at that rate. */
export class Rate {
  private start: { readonly ms: number; readonly done: number } | undefined;

  constructor(private readonly nowMs: () => number) {}

  at(done: number, total: number): { readonly rate: string; readonly left: string } {
    this.start ??= { ms: this.nowMs(), done };
    const seconds = (this.nowMs() - this.start.ms) / 1e3;
    const fresh = done - this.start.done;
    if (seconds <= 0 || fresh === 0) return { rate: '–', left: 'unknown time' };
    const perS = fresh / seconds;
    return { rate: perS.toFixed(1), left: durationText((total - done) / perS) };
  }
}

/** `1 h 05 min`, `3 min 20 s`, `12 s` */
export function durationText(seconds: number): string {
  const s = Math.ceil(seconds);
  const two = (n: number) => String(n).padStart(2, '0');
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${two(s % 60)} s`;
  return `${Math.floor(s / 3600)} h ${two(Math.floor((s % 3600) / 60))} min`;
}

function barProgress(rate: Rate, terminal: Terminal): SweepProgress {
  const format = '{bar} {value}/{total} runs, {rate}/s, {failed} failed, {left} left';
  const bar = new SingleBar(
    { format, clearOnComplete: true, stream: process.stderr },
    Presets.shades_classic,
  );
  let isBegun = false;
  return {
    update(done, failed, total) {
      const payload = { ...rate.at(done, total), failed };
      if (!isBegun) bar.start(total, done, payload);
      else bar.update(done, payload);
      isBegun = true;
    },
    say: (sentence) => {
      // The line of the bar is cleared; the bar redraws itself below.
      terminal.wipeLine?.();
      terminal.err(`${visibleLine(sentence)}\n`);
    },
    stop: () => {
      bar.stop();
    },
  };
}

function logProgress(rate: Rate, terminal: Terminal, nowMs: () => number): SweepProgress {
  let lastMs = nowMs();
  return {
    update(done, failed, total) {
      const { rate: perS, left } = rate.at(done, total);
      if (nowMs() - lastMs < LOG_EVERY_MS) return;
      lastMs = nowMs();
      terminal.err(`${done}/${total} runs, ${perS}/s, ${failed} failed, ${left} left\n`);
    },
    say: (sentence) => {
      terminal.err(`${visibleLine(sentence)}\n`);
    },
    stop: () => undefined,
  };
}
