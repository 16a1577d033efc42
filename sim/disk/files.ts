import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { decodeText, type DecodedText } from '../../src/decode-text.js';
import { InputError, type Problem, UnreadableFileError } from '../../src/errors.js';
import { MOST_BYTES, MOST_TEXT_BYTES, readBytes, unpacked } from './read-bytes.js';
import { reason } from './reason.js';

import { wrongKind, type FileKind } from '../../src/file-kinds.js';

/** The place where the name of a file is written, if not on the command line. */
type AskedBy = Pick<Problem, 'source' | 'field'>;

/**
 * Text of a file named by the user, decompressed if gzipped, in any of the usual encodings.
 * @param wanted the expected kind of file.
 * @throws InputError if it cannot be read, is endless, or is of another kind.
 */
export function readUserFile(path: string, wanted: FileKind, askedBy?: AskedBy): string {
  return readUserText(path, wanted, askedBy).text;
}

/** As `readUserFile`, with a note if the encoding is a guess. */
export function readUserText(
  path: string,
  wanted: FileKind | readonly FileKind[],
  askedBy?: AskedBy,
): DecodedText {
  const bytes = reading(path, askedBy, () =>
    unpacked(readBytes(path, MOST_TEXT_BYTES), MOST_TEXT_BYTES),
  );
  const decoded = decodeText(bytes);
  // UTF-16 text does not look like text before it is decoded.
  const isWide = decoded.encoding.startsWith('utf-16');
  checkKind(isWide ? Buffer.from(decoded.text) : bytes, path, wanted, askedBy);
  return decoded;
}

/**
 * Text of a file of any kind, decompressed if gzipped, in any of the usual encodings, with a note if
 * the encoding is a guess.
 * @throws InputError if it cannot be read, or is endless.
 */
export function readAnyText(path: string): DecodedText {
  return decodeText(
    reading(path, undefined, () => unpacked(readBytes(path, MOST_TEXT_BYTES), MOST_TEXT_BYTES)),
  );
}

/** The name of standard input in messages. */
export const STANDARD_INPUT = 'standard input';

/**
 * Text of standard input, as of a file.
 * @throws InputError if it cannot be read, or is of another kind than expected.
 */
export function readStandardInput(wanted: FileKind): string {
  const bytes = reading(STANDARD_INPUT, undefined, () =>
    unpacked(readFileSync(0), MOST_TEXT_BYTES),
  );
  checkKind(bytes, STANDARD_INPUT, wanted);
  return decodeText(bytes).text;
}

/**
 * Bytes of a file named by the user.
 * @throws InputError if it cannot be read, is endless, or is of another kind than expected.
 */
export function readUserBytes(path: string, wanted: FileKind): ArrayBuffer {
  const bytes = reading(path, undefined, () => readBytes(path, MOST_BYTES));
  checkKind(bytes, path, wanted);
  const whole = new Uint8Array(bytes.byteLength);
  whole.set(bytes);
  return whole.buffer;
}

function checkKind(
  bytes: Buffer,
  path: string,
  wanted: FileKind | readonly FileKind[],
  askedBy?: AskedBy,
): void {
  const message = wrongKind(bytes, path, wanted);
  if (message !== undefined) throw problemOf(path, askedBy, message);
}

function reading<T>(path: string, askedBy: AskedBy | undefined, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const message =
      error instanceof UnreadableFileError ? error.message : `cannot be read: ${reason(error)}`;
    throw problemOf(path, askedBy, message);
  }
}

function problemOf(path: string, askedBy: AskedBy | undefined, message: string): InputError {
  return InputError.of(
    askedBy === undefined
      ? { source: path, message }
      : { ...askedBy, message: `${path} ${message}` },
  );
}

/**
 * Writes a file whole or not at all: to a temporary name beside it, then renamed. Anything but a
 * plain file (a pipe, /dev/null) is written to directly.
 * @throws InputError if it cannot be written.
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
 * Writes a text, or bytes, too large for one string, piece by piece, whole or not at all (see
 * `writeUserFile`). A file with a name that ends in .gz is compressed, always to the same bytes.
 * @throws InputError if it cannot be written; also rethrows errors of making the pieces.
 */
export async function writeUserPieces(
  path: string,
  pieces: Iterable<string | Uint8Array>,
): Promise<void> {
  let temporary: string | undefined;
  try {
    const file = destination(path);
    temporary = file === undefined ? undefined : temporaryName(file);
    // A stream that opens its file itself may still do so after the error that had it removed.
    const target = (await open(temporary ?? path, 'w')).createWriteStream();
    // Node writes neither time nor name into gzip's header.
    if (path.endsWith('.gz')) await pipeline(Readable.from(pieces), createGzip(), target);
    else await pipeline(Readable.from(pieces), target);
    if (file !== undefined && temporary !== undefined) renameSync(temporary, file);
  } catch (error) {
    if (temporary !== undefined) rmSync(temporary, { force: true });
    throw isSystemError(error) ? notWritable(path, error) : error;
  }
}

/** The beginning of a file reveals its kind. */
const BEGINNING = 1 << 16;

/**
 * Checks that a file exists and is of the expected kind, for readers that cannot report this
 * themselves.
 * @throws InputError if it cannot be read, or is of another kind.
 */
export function checkReadable(path: string, wanted: FileKind): void {
  const bytes = reading(path, undefined, () => {
    const beginning = Buffer.alloc(BEGINNING);
    const file = openSync(path, 'r');
    try {
      return beginning.subarray(0, readSync(file, beginning));
    } finally {
      closeSync(file);
    }
  });
  const message = wrongKind(bytes, path, wanted);
  if (message !== undefined) throw problemOf(path, undefined, message);
}

/**
 * Checks before any work is done.
 * @throws InputError if a file cannot be written.
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
 * Makes a folder, and its parents, if they do not exist.
 * @throws InputError if it cannot be made.
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

/**
 * Checks before any work is done, and makes nothing.
 * @throws InputError if a folder does not exist and cannot be made, or is not writable.
 */
export function checkFolder(path: string): void {
  try {
    let folder = resolve(path);
    while (!existsSync(folder)) folder = dirname(folder);
    if (!statSync(folder).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw InputError.of({ source: path, message: `cannot be made: ${reason(error)}` });
  }
}

/** One by one: on some file systems Node never returns from making several at once. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}

/**
 * The plain file to replace, with symbolic links followed; undefined if the path is something else
 * that can be written to.
 */
function destination(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    // Renaming a file to a name that ends in a slash would fail with a puzzling message.
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
