import { z } from 'zod';
import { InputError, type Problem } from '../../src/errors.js';
import { jsonProblems } from '../../src/json-problems.js';
import { foundValue } from '../../src/problem-list.js';
import { nearestName } from '../../src/nearest-name.js';

/** Checks only that a given value is a function. */
export const functionField = <F>() =>
  z.custom<F>((value) => typeof value === 'function', { error: 'a function' });

/**
 * Checks the options of a function, unknown ones among them.
 *
 * @param call name of the function, for messages.
 * @throws InputError with every problem.
 */
export function checkedOptions<S extends z.ZodObject>(
  schema: S,
  options: unknown,
  call: string,
): z.output<S> {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  throw new InputError(
    parsed.error.issues.flatMap((issue) => problemsOf(issue, schema, options, call)),
  );
}

function problemsOf(
  issue: z.core.$ZodIssue,
  schema: z.ZodObject,
  options: unknown,
  call: string,
): Problem[] {
  if (issue.code === 'unrecognized_keys' && issue.path.length === 0) {
    return issue.keys.map((field) => unknownOption(field, Object.keys(schema.shape), call));
  }
  return jsonProblems([issue], options).map(({ field, message }) => ({
    source: call,
    ...(field === '' ? {} : { field }),
    message,
  }));
}

/** The problem that there is no option of this name. */
export function unknownOption(field: string, names: readonly string[], call: string): Problem {
  const near = nearestName(field, names);
  const hint = near === undefined ? `there are ${names.join(', ')}` : `did you mean "${near}"?`;
  return { source: call, field, message: `is not an option; ${hint}` };
}

/** A number would be taken for a file that is open already. @throws InputError if it is not a text. */
export function checkPath(path: unknown, call: string): void {
  if (typeof path === 'string' && path !== '') return;
  throw InputError.of({ source: call, message: `found ${foundValue(path)}, expected a path` });
}
