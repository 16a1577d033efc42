import { visibleLine } from './visible.js';

/** All errors that a caller can branch on. Anything else that is thrown is a bug in pipewatt. */

/** One thing wrong with an input: where it is, what was found, what is allowed, what to do. */
export interface Problem {
  /** File or other name of the input. */
  readonly source: string;
  /** 1-based line within the source, where it has lines. */
  readonly line?: number;
  /** Column name (CSV) or dotted path (YAML) of the field. */
  readonly field?: string;
  /** A sentence: what was found, what is allowed, and what to do if that is not obvious. */
  readonly message: string;
}

/** `profile.csv:12, column "time": found "abc", …`, on one line whatever the names contain. */
export function formatProblem(problem: Problem): string {
  const line = problem.line === undefined ? '' : `:${problem.line}`;
  const field = problem.field === undefined ? '' : `, ${problem.field}`;
  return visibleLine(`${problem.source}${line}${field}: ${problem.message}`);
}

/**
 * The input is wrong and the user has to correct it. Holds every problem found, not just the first.
 * Nothing was computed or written. The command line exits with 2.
 *
 * @example
 * ```ts
 * import { InputError, readScenario } from 'pipewatt';
 *
 * try {
 *   await readScenario('missing.yaml');
 * } catch (error) {
 *   if (!(error instanceof InputError)) throw error;
 *   for (const { source, message } of error.problems) console.log(`${source} ${message}`);
 * }
 * // missing.yaml cannot be read: there is no such file or folder
 * ```
 */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.problems = problems;
  }

  /** One problem, for callers that find only one. */
  static of(problem: Problem): InputError {
    return new InputError([problem]);
  }
}

/** Another process has a file open, as a running sweep has that of its results. */
export class LockedFileError extends InputError {
  /** @param writer the process, in words. */
  constructor(
    source: string,
    readonly writer: string,
  ) {
    const message = `${writer} has it open, as a running sweep does; wait for it, or stop it: the same command resumes it`;
    super([{ source, message }]);
  }
}

/**
 * No plan meets the deadline: even the fastest one is slower. The run can go on with `fastestTimeS`
 * as its deadline.
 *
 * @example
 * ```ts
 * import { InfeasibleDeadlineError } from 'pipewatt/planner';
 *
 * const error = new InfeasibleDeadlineError(2, 2.5);
 * console.log(error.deadlineS, error.fastestTimeS); // 2 2.5
 * ```
 */
export class InfeasibleDeadlineError extends Error {
  override readonly name = 'InfeasibleDeadlineError';

  constructor(
    readonly deadlineS: number,
    readonly fastestTimeS: number,
  ) {
    super(
      `no plan finishes within ${deadlineS} s: the fastest one takes ${fastestTimeS} s; ` +
        `ask for at least that`,
    );
  }
}

/** An external planner failed, or its answer is not a valid plan. The command line exits with 4. */
export class BrokenPlannerError extends Error {
  override readonly name = 'BrokenPlannerError';
}

/** A plan or a frontier is invalid; the message says what was found and what was expected. */
export class BrokenPlanError extends Error {
  override readonly name = 'BrokenPlanError';
}

/**
 * A step of a trace cannot be replayed; the message says why. Other steps of the trace may still
 * be.
 */
export class BrokenStepError extends Error {
  override readonly name = 'BrokenStepError';
}

/** A link of the what-if page cannot be read; the message is a sentence for the user. */
export class BrokenLinkError extends Error {
  override readonly name = 'BrokenLinkError';
}

/** A request to the server is refused; the message is a sentence for who sent it. */
export class RefusedRequestError extends Error {
  override readonly name = 'RefusedRequestError';

  /** @param status of HTTP. */
  constructor(
    readonly status: 401 | 403 | 404 | 409 | 413 | 422 | 429 | 503,
    message: string,
  ) {
    super(message);
  }
}

/** A file cannot be read: it is too large, endless or damaged; the message completes "<file> …". */
export class UnreadableFileError extends Error {
  override readonly name = 'UnreadableFileError';
}

/**
 * A field was read that is wrong and already reported, so nothing that depends on it can be known.
 * Checks that run into this error are skipped.
 */
export class SpoiltFieldError extends Error {
  override readonly name = 'SpoiltFieldError';
}

/** Ends work whose time is over, from within its reports of progress. */
export class TimeIsOverError extends Error {
  override readonly name = 'TimeIsOverError';
}
