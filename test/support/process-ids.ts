import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether a process exists and has not ended; it stays listed until its parent collects it. */
export function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    // No Linux; or it has ended by now, and the next look says so.
    return true;
  }
}

/** Waits until a process has ended. */
export async function untilGone(pid: number): Promise<void> {
  while (isThere(pid)) await sleep(20);
}
