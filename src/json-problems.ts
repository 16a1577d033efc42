import type { z } from 'zod';
import { cut, foundValue } from './problem-list.js';

/** Names of the JSON types in messages. */
const TYPE_WORDS: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'a text',
  array: 'a list',
  object: 'an object',
};

/** One problem in a document: where it is, and a sentence that describes it. */
export interface JsonProblem {
  /** Dotted path; empty for the whole document. */
  readonly field: string;
  readonly message: string;
}

/** Describes, for each issue of a schema, what the document holds there and what was expected. */
export function jsonProblems(
  issues: readonly z.core.$ZodIssue[],
  document: unknown,
): JsonProblem[] {
  return issues.flatMap(leaves).map((issue) => {
    const field = issue.path.join('.');
    if (issue.code === 'unrecognized_keys') {
      return { field, message: `found ${cut(issue.keys.join(', '))}, expected no such field` };
    }
    const at = issue.path.reduce<unknown>(
      (inside, key) =>
        typeof inside === 'object' && inside !== null
          ? (inside as Record<PropertyKey, unknown>)[key]
          : undefined,
      document,
    );
    return { field, message: `found ${foundValue(at)}, expected ${expected(issue)}` };
  });
}

/** For a union: the reason why the value does not match its first alternative. */
function leaves(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  return (issue.errors[0] ?? []).flatMap((inside) =>
    leaves({ ...inside, path: [...issue.path, ...inside.path] }),
  );
}

/**
 * Openings of the schema library's own sentences on bounds; other sentences come from our schema.
 */
const OWN = /^Too (?:small|big): /;

function expected(issue: z.core.$ZodIssue): string {
  if ((issue.code === 'too_small' || issue.code === 'too_big') && !OWN.test(issue.message)) {
    return issue.message;
  }
  switch (issue.code) {
    case 'invalid_type':
      return TYPE_WORDS[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.map((value) => JSON.stringify(value)).join(' or ');
    case 'too_small':
      if (issue.origin === 'string') return 'a text';
      if (issue.origin === 'array') return `a list of at least ${issue.minimum}`;
      return `a number ${issue.inclusive === true ? 'of at least' : 'above'} ${issue.minimum}`;
    case 'too_big':
      return `a number ${issue.inclusive === true ? 'of at most' : 'below'} ${issue.maximum}`;
    case 'custom':
      return issue.message;
    default:
      return 'something else';
  }
}
