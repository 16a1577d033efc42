/**
 * A thread of a contained process. It keeps running while the process computes or waits for a
 * command, and ends the process when its parent is gone or it exceeds its memory limit.
 */
import { writeSync } from 'node:fs';
import { setInterval } from 'node:timers';
import { workerData } from 'node:worker_threads';
import { OUT_OF_MEMORY } from './death.js';
import { endKin, kinOf, signal } from './kin.js';

/** The thread's settings. */
export interface Lifeline {
  readonly parent: number;
  readonly memoryMB: number;
  readonly mark: string;
  /** Whether the process runs code that may start others. */
  readonly isForeign: boolean;
}

/**
 * The interval between checks, and the number of checks after which all descendants are checked
 * too.
 */
const LOOK_MS = 100;
const LOOKS_PER_KIN = 5;

const { parent, memoryMB, mark, isForeign } = workerData as Lifeline;

function end(): void {
  if (isForeign) endKin(process.pid, mark, process.pid);
  signal(-process.pid);
  signal(process.pid);
}

/** On Windows a process keeps the number of a parent that is gone. */
function isParentGone(): boolean {
  if (process.ppid !== parent) return true;
  try {
    process.kill(parent, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function usedMB(look: number): number {
  const own = process.memoryUsage.rss() / 2 ** 20;
  if (!isForeign || look % LOOKS_PER_KIN !== 0) return own;
  const kin = kinOf(process.pid, mark).reduce((sum, { residentMB }) => sum + residentMB, 0);
  return Math.max(own, kin);
}

let look = 0;
setInterval(() => {
  if (isParentGone()) end();
  if (usedMB(++look) > memoryMB) {
    writeSync(2, `\n${OUT_OF_MEMORY}\n`);
    end();
  }
}, LOOK_MS);
