import { UnreadableFileError } from '../../src/errors.js';
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** The most bytes of a table, scenario or description: no real one is larger. */
export const MOST_TEXT_BYTES = 256 * 2 ** 20;
/** The most bytes of a trace: a day of a large job takes a hundredth of it. */
export const MOST_BYTES = 2 ** 31 - 1;

/** A pipe that receives nothing for this long has no writer. */
const PIPE_PATIENCE_MS = 10_000;
const PIPE_PAUSE_MS = 20;
const PIECE_BYTES = 2 ** 20;

/**
 * Reads the bytes of a file, a pipe or a device, up to a limit, without ever waiting endlessly.
 * @throws UnreadableFileError if there are more, or none arrive.
 * @throws Error from the system if it cannot be read.
 */
export function readBytes(path: string, mostBytes: number): Buffer {
  // Without this, opening a pipe that has no writer would wait for ever.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(file);
    if (stats.isFile() && stats.size > mostBytes) throw tooLarge(mostBytes);
    return readPieces(file, stats, mostBytes);
  } finally {
    closeSync(file);
  }
}

function readPieces(file: number, stats: Stats, mostBytes: number): Buffer {
  const pieces: Buffer[] = [];
  let total = 0;
  let waitingMs = 0;
  for (;;) {
    const piece = Buffer.allocUnsafe(stats.isFile() ? stats.size + 1 : PIECE_BYTES);
    const count = readOrWait(file, piece);
    const isPipe = stats.isFIFO() || stats.isSocket();
    // A pipe ends when its writers are gone; before the first one arrives it looks the same.
    const isDry = count === undefined || (count === 0 && isPipe && total === 0);
    if (isDry) {
      if (waitingMs >= PIPE_PATIENCE_MS) {
        throw new UnreadableFileError(
          `is a pipe into which nothing was written for ${PIPE_PATIENCE_MS / 1e3} s; write into it, or name a file`,
        );
      }
      pause(PIPE_PAUSE_MS);
      waitingMs += PIPE_PAUSE_MS;
      continue;
    }
    waitingMs = 0;
    if (count === 0) return Buffer.concat(pieces);
    total += count;
    if (total > mostBytes) throw tooLarge(mostBytes);
    pieces.push(piece.subarray(0, count));
  }
}

/** Bytes that were read; undefined if none have arrived yet. */
function readOrWait(file: number, piece: Buffer): number | undefined {
  try {
    return readSync(file, piece);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EAGAIN') return undefined;
    if (code === 'EOF') return 0;
    throw error;
  }
}

function pause(timeMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, timeMs);
}

function tooLarge(mostBytes: number): UnreadableFileError {
  const megabytes = Math.floor(mostBytes / 2 ** 20);
  return new UnreadableFileError(`is larger than ${megabytes} MiB, or endless`);
}

/**
 * The bytes, decompressed if gzipped.
 * @throws UnreadableFileError if they decompress to more than the limit, or are damaged.
 */
export function unpacked(bytes: Buffer, mostBytes: number): Buffer {
  if (!(bytes[0] === 0x1f && bytes[1] === 0x8b)) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: mostBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      const megabytes = Math.floor(mostBytes / 2 ** 20);
      throw new UnreadableFileError(`unpacks to more than ${megabytes} MiB`);
    }
    throw new UnreadableFileError(`cannot be unpacked: ${(error as Error).message}`);
  }
}
