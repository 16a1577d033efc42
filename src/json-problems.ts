import type { z } from 'zod';
import { cut } from './problem-list.js';

/** What people call the types of JSON values. */
const TYPE_WORDS: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'a text',
  array: 'a list',
  object: 'an object',
};

/** One thing that is wrong in a document: where, and in a sentence what. */
export interface JsonProblem {
  /** Dotted path; empty for the whole document. */
  readonly field: string;
  readonly message: string;
}

/** What a document holds at the places of a schema's issues, and what was expected there. */
export function jsonProblems(
  issues: readonly z.core.$ZodIssue[],
  document: unknown,
): JsonProblem[] {
  return issues.flatMap(leaves).map((issue) => {
    const at = issue.path.reduce<unknown>(
      (inside, key) =>
        typeof inside === 'object' && inside !== null
          ? (inside as Record<PropertyKey, unknown>)[key]
          : undefined,
      document,
    );
    const shown =
      typeof at === 'number' ? String(at) : at === undefined ? 'nothing' : cut(JSON.stringify(at));
    return { field: issue.path.join('.'), message: `found ${shown}, expected ${expected(issue)}` };
  });
}

/** Of what may be one of several things: what keeps it from being the first. */
function leaves(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  return (issue.errors[0] ?? []).flatMap((inside) =>
    leaves({ ...inside, path: [...issue.path, ...inside.path] }),
  );
}

function expected(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPE_WORDS[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.map((value) => JSON.stringify(value)).join(' or ');
    case 'too_small':
      if (issue.origin === 'array') return `at least ${issue.minimum}`;
      return `a number ${issue.inclusive === true ? 'of at least' : 'above'} ${issue.minimum}`;
    case 'unrecognized_keys':
      return `no field ${issue.keys.join(', ')}`;
    default:
      return 'something else';
  }
}
