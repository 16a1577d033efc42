import { InputError, LockedFileError } from '../../src/errors.js';

/** DuckDB's message if another process has a file open. */
const LOCKED = /Could not set lock on file .*?(?:\(PID (\d+)\)|$)/s;
/** Kinds of DuckDB errors caused by our statement, not by the file: bugs in pipewatt. */
const OURS = /^(?:Parser|Binder|Catalog|Constraint|Not implemented) Error: /;
/** The kind of error, which precedes DuckDB's sentences. */
const KIND = /^(?:[A-Za-z ]+ Error: )+/;
/** Whether an error is DuckDB's, or the system's. */
const OF_DATABASE = /^[A-Za-z ]+ Error: |No space left|Could not write|Permission denied/;

/**
 * Turns a DuckDB error into one that the user can mend, if it is about a file that cannot be used:
 * not a database, damaged, locked, on a full disk. Any other error is returned as it is.
 */
export function databaseProblem(path: string, error: unknown): Error {
  if (error instanceof InputError) return error;
  const { message } = error as Error;
  const locked = LOCKED.exec(message);
  if (locked !== null) {
    const { 1: id } = locked;
    return new LockedFileError(
      path,
      id === undefined ? 'another process' : `another process (${id})`,
    );
  }
  if (!OF_DATABASE.test(message) || OURS.test(message)) return error as Error;
  const [line] = message.replace(KIND, '').split('\n');
  return InputError.of({ source: path, message: `cannot be used as a file of results: ${line!}` });
}
