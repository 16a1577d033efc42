import { copyFileSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError, LockedFileError } from '../../src/errors.js';
import { SweepStore } from './store.js';

/** A file of results, opened for reading. */
export interface OpenedResults {
  readonly store: SweepStore;
  /** The process that writes the file, of which this is the state at one moment; undefined if none does. */
  readonly writer: string | undefined;
}

/** A copy fails if the sweep moves its log into the file meanwhile, which it seldom does. */
const TRIES = 5;

/**
 * Opens a file of results, also while a sweep writes it: DuckDB then lets no other process open it, so a copy
 * of the file and of its log is read, which holds what a crash at that moment would have left, every
 * committed run. The copy is gone when the store is closed.
 *
 * @throws InputError if it holds no results, or cannot be copied.
 */
export async function openResults(path: string): Promise<OpenedResults> {
  for (let tried = 1; ; tried++) {
    try {
      return { store: await SweepStore.openReadOnly(path), writer: undefined };
    } catch (error) {
      if (!(error instanceof LockedFileError)) throw error;
      const store = await openCopy(path, tried === TRIES);
      if (store !== undefined) return { store, writer: error.writer };
    }
  }
}

/** A copy of a file and its log, or undefined if they changed too much meanwhile. */
async function openCopy(path: string, isLast: boolean): Promise<SweepStore | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'pipewatt-'));
  const remove = () => {
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    if (copyWhole(path, folder) || isLast) {
      const copy = join(folder, basename(path));
      return await SweepStore.openReadOnly(path, { from: copy, onClose: remove });
    }
  } catch (error) {
    remove();
    if (isLast || !(error instanceof InputError)) throw error;
    return undefined;
  }
  remove();
  return undefined;
}

/** Copies a database and its log. @returns whether the database stayed the same meanwhile. */
function copyWhole(path: string, folder: string): boolean {
  const state = () => {
    const { mtimeMs, size, ino } = statSync(path);
    return [mtimeMs, size, ino].join();
  };
  const before = state();
  const name = basename(path);
  copyFileSync(path, join(folder, name));
  for (const log of readdirSync(dirname(resolve(path)))) {
    if (!log.startsWith(`${name}.wal`)) continue;
    try {
      copyFileSync(join(dirname(path), log), join(folder, log));
    } catch (error) {
      // It was moved into the database in this moment.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return false;
    }
  }
  return state() === before;
}
