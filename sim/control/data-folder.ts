import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../src/errors.js';
import { makeUserFolder } from '../disk/files.js';
import { reason } from '../disk/reason.js';

/** The process that uses a folder. */
interface Owner {
  readonly host: string;
  readonly pid: number;
  /** When it began, as Linux counts; '' elsewhere. */
  readonly began: string;
}

/**
 * The folder in which a server keeps its jobs, used by one server at a time. A server that was killed
 * leaves its lock behind; the next one sees that its process is gone.
 */
export class DataFolder {
  private constructor(
    private readonly jobs: string,
    private readonly lock: string,
  ) {}

  /**
   * Makes the folder if need be, and takes it.
   * @throws InputError if it cannot be written, or another server uses it.
   */
  static take(path: string): DataFolder {
    const jobs = join(path, 'jobs');
    makeUserFolder(path);
    makeUserFolder(jobs);
    const lock = join(path, 'lock');
    for (let attempt = 0; attempt < 3; attempt++) {
      if (wasCreated(lock)) return new DataFolder(jobs, lock);
      const owner = ownerOf(lock);
      if (owner !== undefined && isAlive(owner)) {
        throw InputError.of({
          source: path,
          message: `is used by another server (process ${owner.pid} on ${owner.host}); stop it, or choose another folder with --data. If there is no such server, remove ${lock}`,
        });
      }
      rmSync(lock, { force: true });
    }
    throw InputError.of({ source: lock, message: 'is taken again and again by other servers' });
  }

  /** The file of a job. Ids are made by the server, of characters that names of files may have. */
  fileOf(id: string): string {
    return join(this.jobs, `${id}.jsonl`);
  }

  /** The files of all jobs, the oldest first. Files that were not finished are removed. */
  files(): string[] {
    const names = readdirSync(this.jobs).sort();
    for (const name of names) {
      if (name.endsWith('.jsonl.new')) rmSync(join(this.jobs, name));
    }
    return names.filter((name) => name.endsWith('.jsonl')).map((name) => join(this.jobs, name));
  }

  /** Lets another server use the folder. */
  release(): void {
    const owner = ownerOf(this.lock);
    if (owner?.pid === process.pid) rmSync(this.lock, { force: true });
  }
}

function wasCreated(lock: string): boolean {
  let file;
  try {
    mkdirSync(join(lock, '..'), { recursive: true });
    file = openSync(lock, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw InputError.of({ source: lock, message: `cannot be written: ${reason(error)}` });
  }
  const owner: Owner = { host: hostname(), pid: process.pid, began: beginningOf(process.pid) };
  writeSync(file, `${JSON.stringify(owner)}\n`);
  closeSync(file);
  return true;
}

function ownerOf(lock: string): Owner | undefined {
  try {
    const { host, pid, began } = JSON.parse(readFileSync(lock, 'utf8')) as Owner;
    return { host, pid, began };
  } catch {
    return undefined;
  }
}

/** Whether an owner still runs; one on another machine may. */
function isAlive({ host, pid, began }: Owner): boolean {
  if (host !== hostname()) return true;
  if (pid === process.pid) return beginningOf(pid) === began;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Of another user.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return beginningOf(pid) === began;
}

/** The time at which a process began; its number may be another's later. */
function beginningOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may contain spaces; the 22nd field is the start time.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
