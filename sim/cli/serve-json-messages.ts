import type { Problem } from '../../src/errors.js';

/** The identity of a request, which its answer repeats. */
export type RequestId = string | number;

/** A request for a method. */
export interface MethodRequest {
  readonly id: RequestId;
  readonly method: string;
  readonly params: unknown;
  /** Whether its progress is told. */
  readonly progress: boolean;
}

/** The plans of a planner of the client's, or the reason why there are none. */
export interface PlannerAnswer {
  /** The number of the question. */
  readonly answer: number;
  readonly plans?: unknown;
  readonly error?: string;
}

/** An error as clients see it. */
export interface ErrorDocument {
  /**
   * `request`: not a request; `input`: wrong input, with problems; `planner`: a planner of the client's
   * failed; `cancelled`; `memory`: more was needed than there is; `stopped`: the program ends; `bug`.
   */
  readonly kind: 'request' | 'input' | 'planner' | 'cancelled' | 'memory' | 'stopped' | 'bug';
  readonly message: string;
  readonly problems?: readonly Problem[];
}

/** Work for the thread that computes. */
export interface ThreadTask {
  readonly request: MethodRequest;
  /** Its first number is 1 once the request is cancelled, its second counts the answers of planners. */
  readonly signals: Int32Array;
}

/** A message to the thread while it works: the request is cancelled. */
export interface ThreadCancel {
  readonly cancel: true;
}

/** A message of the thread: a line for the client. Once one is the `last`, the request is done. */
export interface ThreadLine {
  readonly line: string;
  readonly isLast: boolean;
  /** The number of the question, if a planner is asked. */
  readonly asks?: number;
}

/** Places of the signals. */
export const CANCELLED = 0;
export const ANSWERS = 1;

/** An answer as a line. */
export function answerLine(id: RequestId | null, body: object): string {
  return `${JSON.stringify({ id, ...body })}\n`;
}
