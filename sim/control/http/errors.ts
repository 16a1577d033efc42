import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { formatProblem, InputError, RefusedRequestError } from '../../../src/errors.js';
import { jsonProblems } from '../../../src/json-problems.js';
import { visibleLine } from '../../../src/visible.js';

/** One problem of a request, in the shape that Zeus' server (FastAPI) uses. */
export interface Detail {
  /** Where: `["body", "pp_degree"]`. */
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly type: string;
}

/** The parts of a request that are checked. */
type RequestPart = 'body' | 'query';

/** A request whose form is wrong, with all problems. */
export interface WrongForm {
  readonly details: readonly Detail[];
}

/** The problems that a schema found in a part of a request. */
export function detailsOf(
  part: RequestPart,
  issues: readonly z.core.$ZodIssue[],
  document: unknown,
): Detail[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
    const isMissing = issue.code === 'invalid_type' && valueAt(document, path) === undefined;
    const [problem] = jsonProblems([issue], document);
    return {
      loc: [part, ...path],
      msg: visibleLine(isMissing ? 'Field required' : (problem?.message ?? issue.message)),
      type: isMissing ? 'missing' : issue.code,
    };
  });
}

function valueAt(document: unknown, path: readonly (string | number)[]): unknown {
  let inside = document;
  for (const key of path) {
    if (typeof inside !== 'object' || inside === null || !Object.hasOwn(inside, key)) {
      return undefined;
    }
    inside = (inside as Record<string | number, unknown>)[key];
  }
  return inside;
}

/** Sentences for errors of the web framework. */
const OF_FRAMEWORK: Readonly<Record<string, readonly [status: number, sentence: string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'the body is larger than this request may have'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [422, 'the body is not as long as its header says'],
  FST_ERR_MAX_PARAM_LENGTH: [404, 'there is no job with so long an id'],
  FST_ERR_BAD_URL: [404, 'the address is not properly percent-encoded'],
};

/** An answer to a request that failed. */
interface ErrorAnswer {
  readonly status: number;
  readonly detail: string | readonly Detail[];
}

/** Answers for errors: never a trace, and a sentence for what the sender can mend. */
export function errorHandler(warn: (sentence: string) => void) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
    const { status, detail } = answerOf(error);
    if (status === 500) {
      warn(
        `${request.method} ${request.routeOptions.url ?? ''} failed: ${error.stack ?? error.message}`,
      );
    }
    if (status === 401) void reply.header('www-authenticate', 'Bearer');
    if (status === 503) void reply.header('retry-after', '1');
    return reply.code(status).send({ detail });
  };
}

function answerOf(error: FastifyError & Partial<WrongForm>): ErrorAnswer {
  if (error instanceof RefusedRequestError) return { status: error.status, detail: error.message };
  if (error instanceof InputError) {
    return {
      status: 422,
      detail: error.problems.map((problem) => ({
        loc: ['body', ...(problem.line === undefined ? [] : [problem.line])],
        msg: formatProblem(problem),
        type: 'invalid_input',
      })),
    };
  }
  if (error.details !== undefined) return { status: 422, detail: error.details };
  const [status, sentence] = OF_FRAMEWORK[error.code] ?? [];
  if (status !== undefined) return { status, detail: sentence! };
  if (error.statusCode === 429) return { status: 429, detail: error.message };
  // The framework's own errors of this range are about JSON.
  if (error.statusCode === 400) {
    const msg = `the body is not JSON, which has no NaN, Infinity, or key "__proto__": ${visibleLine(error.message)}`;
    return { status: 422, detail: [{ loc: ['body'], msg, type: 'json_invalid' }] };
  }
  const { statusCode = 500 } = error;
  if (statusCode < 500) return { status: statusCode, detail: visibleLine(error.message) };
  return {
    status: 500,
    detail: 'this is a bug in pipewatt; the server has printed where it happened',
  };
}
