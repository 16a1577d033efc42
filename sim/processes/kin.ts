import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

/** Environment variable of a contained process and all its descendants. */
export const MARK_VARIABLE = 'PIPEWATT_CONTAINED';

/** A process of this machine, as reported by Linux. */
export interface Kin {
  readonly pid: number;
  readonly residentMB: number;
}

/** A mark that no other process has. */
export function newMark(): string {
  return `${process.pid}-${randomUUID()}`;
}

/**
 * A contained process and its descendants, including children of children, and processes in their
 * own groups and sessions, which are recognised by their inherited environment. A process that has
 * both left its parent *and* cleared its environment is not found. Empty if there is no /proc.
 * Reads two files for each process of the machine.
 *
 * @param pid undefined if it has ended: its number may be another's.
 */
export function kinOf(pid: number | undefined, mark: string): Kin[] {
  const all = processes().map((one) => ({
    ...one,
    isKin: one.pid === pid || hasMark(one.pid, mark),
  }));
  const kin = new Set(all.filter(({ isKin }) => isKin).map((one) => one.pid));
  for (let before = -1; before < kin.size;) {
    before = kin.size;
    for (const one of all) if (kin.has(one.parent)) kin.add(one.pid);
  }
  return all.filter((one) => kin.has(one.pid));
}

/**
 * Ends a contained process and its descendants. A process started in the meantime is caught by
 * searching again.
 *
 * @param spared is not ended: a process that ends its own descendants, and then itself.
 */
export function endKin(pid: number | undefined, mark: string, spared?: number): void {
  const ended = new Set<number>(spared === undefined ? [] : [spared]);
  for (;;) {
    const found = kinOf(pid, mark).filter((one) => !ended.has(one.pid));
    if (found.length === 0) return;
    for (const one of found) {
      ended.add(one.pid);
      signal(one.pid);
    }
  }
}

/** Ends a process, or with a negative number a process group, if it still exists. */
export function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended, or there are no groups (on Windows).
  }
}

interface ListedProcess extends Kin {
  readonly parent: number;
}

function processes(): ListedProcess[] {
  return textOf(() => readdirSync('/proc').join('\n'))
    .split('\n')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const status = textOf(() => readFileSync(`/proc/${name}/status`, 'utf8'));
      const field = (key: string) => new RegExp(`^${key}:\\s*(\\S+)`, 'm').exec(status)?.[1];
      const parent = Number(field('PPid'));
      // A process that has ended stays listed until its parent has collected it.
      if (Number.isNaN(parent) || field('State') === 'Z') return [];
      return [{ pid: Number(name), parent, residentMB: Number(field('VmRSS') ?? 0) / 1024 }];
    });
}

function hasMark(pid: number, mark: string): boolean {
  const environment = textOf(() => readFileSync(`/proc/${pid}/environ`, 'utf8'));
  return environment.split('\0').includes(`${MARK_VARIABLE}=${mark}`);
}

/** Nothing for a process that has ended meanwhile, or belongs to another user. */
function textOf(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
