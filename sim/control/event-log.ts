import { readFileSync, truncateSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { lineOf, readEvents } from './event-lines.js';
import type { JobEvent } from './events.js';

/** The state that a log's events make up, as far as the log needs it. */
export interface LoggedState {
  /** The fewest events that lead to the present state. */
  events(): Iterable<JobEvent>;
  /** Called before the callers learn that what they appended was not written. */
  takeBack(): void;
}

/** Sizes at which a file is cut down to the fewest events. */
export interface Rotation {
  readonly leastBytes: number;
  /** Relative to the size after the last cut. */
  readonly growth: number;
}

const ROTATION: Rotation = { leastBytes: 16 << 20, growth: 4 };

/** A caller that waits until its events are on disk. */
interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The events of one job in a file that only grows: `append` resolves once they are on disk. Events
 * that arrive while the disk is busy are written together, so that a thousand ranks need few flushes.
 */
export class EventLog {
  private lines: string[] = [];
  private waiting: Waiting[] = [];
  private queuedBytes = 0;
  private isWriting = false;
  /** Whether there may be something in the file behind its good part. */
  private isSoiled = false;
  private cutBytes: number;

  /** @param goodBytes of the file that hold acknowledged events. */
  private constructor(
    private readonly path: string,
    private goodBytes: number,
    private readonly state: LoggedState,
    private readonly rotation: Rotation,
  ) {
    this.cutBytes = goodBytes;
  }

  /**
   * Creates the file of a new job, which must not exist.
   * @throws Error of the file system.
   */
  static async create(path: string, state: LoggedState, rotation = ROTATION): Promise<EventLog> {
    const text = linesOf(state);
    await replaceDurably(path, text);
    return new EventLog(path, text.length, state, rotation);
  }

  /**
   * Goes on with a file that was read; a torn end is cut off.
   * @throws InputError if it is damaged.
   */
  static resume(
    path: string,
    stateOf: (events: readonly JobEvent[]) => LoggedState,
    rotation = ROTATION,
  ) {
    const bytes = readFileSync(path);
    const read = readEvents(bytes, path);
    if (read.bytes < bytes.length) truncateSync(path, read.bytes);
    return new EventLog(path, read.bytes, stateOf(read.events), rotation);
  }

  /** Bytes that wait to be written. */
  get pendingBytes(): number {
    return this.queuedBytes;
  }

  /** Resolves once an event is on disk; rejects with an error of the file system. */
  append(event: JobEvent): Promise<void> {
    const line = lineOf(event);
    this.lines.push(line);
    this.queuedBytes += line.length;
    return this.settled();
  }

  /** Resolves once all events so far are on disk; rejects if one of them could not be written. */
  settled(): Promise<void> {
    if (this.lines.length === 0 && !this.isWriting) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      if (!this.isWriting) void this.writeAll();
    });
  }

  /** The events on disk, after a failure. @throws Error of the file system. */
  reread(): readonly JobEvent[] {
    return readEvents(readFileSync(this.path).subarray(0, this.goodBytes), this.path).events;
  }

  private async writeAll(): Promise<void> {
    this.isWriting = true;
    // Requests that arrive in the same turn of the event loop share one write.
    await new Promise(setImmediate);
    while (this.waiting.length > 0) {
      const { lines, waiting } = this.take();
      try {
        if (lines.length > 0) await this.write(Buffer.from(lines.join('')));
        for (const { resolve } of waiting) resolve();
      } catch (error) {
        // Events that came meanwhile build on those that failed.
        const later = this.take().waiting;
        this.state.takeBack();
        for (const { reject } of [...waiting, ...later]) reject(error);
      }
      if (this.lines.length === 0) await this.cutDown();
    }
    this.isWriting = false;
  }

  private take() {
    const { lines, waiting } = this;
    this.lines = [];
    this.waiting = [];
    this.queuedBytes = 0;
    return { lines, waiting };
  }

  private async write(bytes: Buffer): Promise<void> {
    const file = await open(this.path, 'r+');
    try {
      const { size } = await file.stat();
      if (this.isSoiled) await file.truncate(this.goodBytes);
      else if (size !== this.goodBytes) throw new Error('another program has changed the file');
      this.isSoiled = true;
      for (let done = 0; done < bytes.length;) {
        const part = await file.write(bytes, done, bytes.length - done, this.goodBytes + done);
        done += part.bytesWritten;
      }
      await file.datasync();
      this.goodBytes += bytes.length;
      this.isSoiled = false;
    } finally {
      await file.close();
    }
  }

  /** Replaces a file that has grown too large. Nothing waits to be written when this begins. */
  private async cutDown(): Promise<void> {
    const { leastBytes, growth } = this.rotation;
    if (this.isSoiled || this.goodBytes < Math.max(leastBytes, growth * this.cutBytes)) return;
    // The state is that of the file: later events are applied while this waits for the disk.
    const text = linesOf(this.state);
    try {
      await replaceDurably(this.path, text);
      this.goodBytes = text.length;
    } catch {
      // The longer file is as good; the next attempt is made when it has grown again.
    }
    this.cutBytes = this.goodBytes;
  }
}

function linesOf(state: LoggedState): Buffer {
  return Buffer.from([...state.events()].map(lineOf).join(''));
}

/** Writes a file whole or not at all, so that it survives a loss of power. */
async function replaceDurably(path: string, bytes: Buffer): Promise<void> {
  const temporary = `${path}.new`;
  try {
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(bytes);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await flushFolder(dirname(path));
}

/** Makes a new or renamed file's name survive a loss of power. */
async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
