import {
  accessSync,
  constants,
  createWriteStream,
  existsSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { decodeText, type DecodedText } from '../../src/decode-text.js';
import { InputError, type Problem } from '../../src/errors.js';
import {
  MOST_BYTES,
  MOST_TEXT_BYTES,
  readBytes,
  UnreadableFileError,
  unpacked,
} from './read-bytes.js';

/**
 * Text of a file that the user named, unpacked if it is gzip's, in any of the usual encodings.
 * @param askedBy where the name is written, if not on the command line.
 * @throws InputError when it cannot be read, or has no end.
 */
export function readUserFile(path: string, askedBy?: Pick<Problem, 'source' | 'field'>): string {
  return readUserText(path, askedBy).text;
}

/** As `readUserFile`, with a note if the encoding is a guess. */
export function readUserText(
  path: string,
  askedBy?: Pick<Problem, 'source' | 'field'>,
): DecodedText {
  try {
    return decodeText(unpacked(readBytes(path, MOST_TEXT_BYTES), MOST_TEXT_BYTES));
  } catch (error) {
    const message = notReadable(error);
    throw InputError.of(
      askedBy === undefined
        ? { source: path, message }
        : { ...askedBy, message: `${path} ${message}` },
    );
  }
}

/**
 * Bytes of a file that the user named.
 * @throws InputError when it cannot be read, or has no end.
 */
export function readUserBytes(path: string): ArrayBuffer {
  try {
    const bytes = readBytes(path, MOST_BYTES);
    const whole = new Uint8Array(bytes.byteLength);
    whole.set(bytes);
    return whole.buffer;
  } catch (error) {
    throw InputError.of({ source: path, message: notReadable(error) });
  }
}

function notReadable(error: unknown): string {
  if (error instanceof UnreadableFileError) return error.message;
  return `cannot be read: ${reason(error)}`;
}

/**
 * Writes a file whole or not at all: to a temporary name beside it, then renamed. What is no plain
 * file (a pipe, /dev/null) is written to as it is.
 * @throws InputError when it cannot be written.
 */
export function writeUserFile(path: string, text: string): void {
  let temporary: string | undefined;
  try {
    const file = destination(path);
    if (file === undefined) {
      writeFileSync(path, text);
      return;
    }
    temporary = temporaryName(file);
    writeFileSync(temporary, text);
    renameSync(temporary, file);
  } catch (error) {
    if (temporary !== undefined) rmSync(temporary, { force: true });
    throw notWritable(path, error);
  }
}

/**
 * Writes what is too large to be one text, piece by piece, as `writeUserFile` does: whole or not at
 * all. A name that ends in .gz is compressed, always to the same bytes.
 * @throws InputError when it cannot be written; what making the pieces throws goes through.
 */
export async function writeUserPieces(path: string, pieces: Iterable<string>): Promise<void> {
  let temporary: string | undefined;
  try {
    const file = destination(path);
    temporary = file === undefined ? undefined : temporaryName(file);
    const target = createWriteStream(temporary ?? path);
    // Node writes no time and no name into gzip's header.
    if (path.endsWith('.gz')) await pipeline(Readable.from(pieces), createGzip(), target);
    else await pipeline(Readable.from(pieces), target);
    if (file !== undefined && temporary !== undefined) renameSync(temporary, file);
  } catch (error) {
    if (temporary !== undefined) rmSync(temporary, { force: true });
    throw isSystemError(error) ? notWritable(path, error) : error;
  }
}

/**
 * Finds out whether a file is there, for what cannot say it itself.
 * @throws InputError when it cannot be read.
 */
export function checkReadable(path: string): void {
  try {
    accessSync(path, constants.R_OK);
    if (statSync(path).isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
  } catch (error) {
    throw InputError.of({ source: path, message: `cannot be read: ${reason(error)}` });
  }
}

/**
 * Finds out before the work is done.
 * @throws InputError when a file cannot be written.
 */
export function checkWritable(path: string): void {
  try {
    const file = destination(path);
    accessSync(file === undefined ? path : dirname(file), constants.W_OK);
  } catch (error) {
    throw notWritable(path, error);
  }
}

/**
 * Makes a folder, with those that it lies in, if it is not there.
 * @throws InputError when it cannot be made.
 */
export function makeUserFolder(path: string): void {
  try {
    makeFolder(path);
    if (!statSync(path).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw InputError.of({ source: path, message: `cannot be made: ${reason(error)}` });
  }
}

/** One by one: in some file systems Node never comes back from making several at once. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}

/**
 * The plain file to replace, symbolic links followed; undefined if the path is something else that
 * can be written to.
 */
function destination(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    // Renaming a file to a name with a slash at its end would fail with a puzzling message.
    if (path.endsWith('/')) throw Object.assign(new Error(), { code: 'ENOENT' });
    return path;
  }
  if (found.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
  return found.isFile() ? realpathSync(path) : undefined;
}

function temporaryName(file: string): string {
  return join(dirname(file), `.${basename(file)}.${process.pid}.tmp`);
}

function isSystemError(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code !== undefined;
}

function notWritable(path: string, error: unknown): InputError {
  return InputError.of({ source: path, message: `cannot be written: ${reason(error)}` });
}

/** The system's error codes in words. */
export function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  switch (code) {
    case 'ENOENT':
      return 'there is no such file or folder';
    case 'EISDIR':
      return 'it is a folder, expected a file';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'permission denied';
    case 'ENOSPC':
      return 'no space is left';
    case 'ENOTDIR':
      return 'part of its path is not a folder';
    default:
      return (error as Error).message;
  }
}
