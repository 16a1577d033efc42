import { InputError } from '../../src/errors.js';

/** What DuckDB says when another process has a file open. */
const LOCKED = /Could not set lock on file .*?(?:\(PID (\d+)\)|$)/s;
/** Kinds of DuckDB's errors that a statement of ours has, not the file: mistakes of pipewatt's. */
const OURS = /^(?:Parser|Binder|Catalog|Constraint|Not implemented) Error: /;
/** What stands in front of DuckDB's sentences: what kind of error it is. */
const KIND = /^(?:[A-Za-z ]+ Error: )+/;
/** Whether an error is DuckDB's at all, or the system's. */
const OF_DATABASE = /^[A-Za-z ]+ Error: |No space left|Could not write|Permission denied/;

/**
 * An error of DuckDB's as one of the user's to mend, where it is about a file that cannot be used:
 * no database, damaged, locked, on a disk that is full. Any other is returned as it is.
 */
export function databaseProblem(path: string, error: unknown): Error {
  if (error instanceof InputError) return error;
  const { message } = error as Error;
  const locked = LOCKED.exec(message);
  if (locked !== null) {
    const process = locked[1] === undefined ? 'another process' : `another process (${locked[1]})`;
    return InputError.of({
      source: path,
      message: `${process} has it open, as a sweep does that writes it; wait for it, or stop it: the same command goes on`,
    });
  }
  if (!OF_DATABASE.test(message) || OURS.test(message)) return error as Error;
  const [line] = message.replace(KIND, '').split('\n');
  return InputError.of({ source: path, message: `cannot be used as a file of results: ${line!}` });
}
