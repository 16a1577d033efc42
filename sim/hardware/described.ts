import { parse } from 'yaml';
import type { z } from 'zod';
import { InputError, type Problem } from '../../src/errors.js';
import { isNestedTooDeeply } from '../../src/yaml-nesting.js';
import { foundValue } from '../../src/problem-list.js';
import { expectedQuantity } from './quantity-schema.js';

/**
 * Reads a description from YAML.
 *
 * @param source name of the file, for messages.
 * @throws InputError naming every wrong field and its expected value.
 */
export function parseDescription<T>(schema: z.ZodType<T>, text: string, source: string): T {
  if (isNestedTooDeeply(text)) {
    throw InputError.of({ source, message: 'is not YAML: it is nested too deeply' });
  }
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw InputError.of({ source, message: `is not YAML: ${(error as Error).message}` });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new InputError(
    result.error.issues.map((issue): Problem => {
      const field = issue.path.join('.');
      return { source, ...(field === '' ? {} : { field }), message: messageOf(issue, value) };
    }),
  );
}

/** Names of the YAML types in messages. */
const TYPE_WORDS: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  object: '{value: NUMBER, source: TEXT}',
};

function messageOf(issue: z.core.$ZodIssue, value: unknown): string {
  const at = issue.path.reduce<unknown>(
    (inside, key) =>
      typeof inside === 'object' && inside !== null
        ? (inside as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  );
  const found = foundValue(at);
  const ofQuantity = expectedQuantity(issue);
  if (ofQuantity !== undefined) return `found ${found}, expected ${ofQuantity}`;
  switch (issue.code) {
    case 'invalid_type':
      return `found ${found}, expected ${TYPE_WORDS[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return `found ${found}, expected ${issue.origin === 'string' ? 'a text' : `a number of at least ${issue.minimum}`}`;
    case 'too_big':
      return `found ${found}, expected a number of at most ${issue.maximum}`;
    case 'unrecognized_keys':
      return `has no field ${issue.keys.join(', ')}`;
    case 'custom':
      return `found ${found}, which ${issue.message}`;
    default:
      return `found ${found}; ${issue.message}`;
  }
}
