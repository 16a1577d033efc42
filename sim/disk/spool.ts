import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../src/errors.js';
import { reason } from './reason.js';

/** Values that are kept in memory before they are written. */
const IN_MEMORY = 1 << 16;

/**
 * Numbers that are written once and read in parts, in a temporary file: they may be more than memory
 * holds. The file has no name any more once it is open, so that it is gone however the program ends.
 */
export class Spool {
  private readonly file: number;
  private readonly pending = new Float64Array(IN_MEMORY);
  private pendingCount = 0;
  private writtenCount = 0;

  /** @throws InputError if no temporary file can be made. */
  constructor() {
    this.file = guarded(() => {
      const folder = mkdtempSync(join(tmpdir(), 'pipewatt-'));
      try {
        return openSync(join(folder, 'spool'), 'w+');
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }

  /** The numbers so far. */
  get count(): number {
    return this.writtenCount + this.pendingCount;
  }

  append(values: Float64Array): void {
    for (let from = 0; from < values.length;) {
      const part = values.subarray(from, from + IN_MEMORY - this.pendingCount);
      this.pending.set(part, this.pendingCount);
      this.pendingCount += part.length;
      from += part.length;
      if (this.pendingCount === IN_MEMORY) this.flush();
    }
  }

  /** The numbers from one on, at most `count`: fewer at the end. */
  read(from: number, count: number): Float64Array {
    this.flush();
    const values = new Float64Array(Math.max(0, Math.min(count, this.count - from)));
    const bytes = new Uint8Array(values.buffer);
    guarded(() => {
      for (let at = 0; at < bytes.length;) {
        at += readSync(this.file, bytes, at, bytes.length - at, from * 8 + at);
      }
    });
    return values;
  }

  close(): void {
    closeSync(this.file);
  }

  private flush(): void {
    const bytes = new Uint8Array(this.pending.buffer, 0, this.pendingCount * 8);
    guarded(() => {
      for (let at = 0; at < bytes.length;) {
        at += writeSync(this.file, bytes, at, bytes.length - at, this.writtenCount * 8 + at);
      }
    });
    this.writtenCount += this.pendingCount;
    this.pendingCount = 0;
  }
}

/** @throws InputError for errors of the disk, such as a full one. */
function guarded<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw InputError.of({
      source: tmpdir(),
      message: `cannot hold a temporary file: ${reason(error)}; free space there, or name another folder by TMPDIR`,
    });
  }
}
