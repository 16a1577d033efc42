import { cut } from '../../src/problem-list.js';
import type { Parameters } from './sweep-axes.js';
import { pathOf, pathText } from '../scenario/yaml-file.js';

/** Names that every object inherits. */
const INHERITED = new Set(['__proto__', 'constructor', 'prototype']);

/** The reason why a text is not the path of a field, such as `stragglers[0].slowdown`; or undefined. */
export function fieldProblem(field: string): string | undefined {
  const path = pathOf(field);
  const isPath = path.length > 0 && typeof path[0] === 'string' && pathText(path) === field;
  if (isPath && !path.some((key) => INHERITED.has(String(key)))) return undefined;
  return `found ${JSON.stringify(cut(field))}, expected the path of a field, such as pipeline.microbatches or stragglers[0].slowdown`;
}

/** A scenario with some fields set, and the fields that could not be set. */
export interface WithFields {
  readonly value: Record<string, unknown>;
  readonly problems: readonly { readonly field: string; readonly message: string }[];
}

/**
 * A copy of a scenario with some fields set; missing parents are created. Entries of lists may be
 * set in any order, but must leave no gap.
 */
export function withFields(base: Record<string, unknown>, parameters: Parameters): WithFields {
  const value = structuredClone(base);
  let left = Object.entries(parameters);
  for (;;) {
    const problems = left.flatMap(([field, set]) => {
      const message = setField(value, pathOf(field), set);
      return message === undefined ? [] : [{ field, message, set }];
    });
    if (problems.length === 0 || problems.length === left.length) return { value, problems };
    left = problems.map(({ field, set }) => [field, set]);
  }
}

type Holder = Record<string, unknown> | unknown[];

/** Sets a field, or returns the reason why it cannot be set. */
function setField(
  value: Record<string, unknown>,
  path: readonly (string | number)[],
  set: unknown,
): string | undefined {
  let at: Holder = value;
  for (const [k, key] of path.entries()) {
    const problem = keyProblem(at, key, path.slice(0, k));
    if (problem !== undefined) return problem;
    if (k === path.length - 1) {
      // Other fields may be set inside it, in this run only.
      put(at, key, structuredClone(set));
      return undefined;
    }
    const inside: unknown = Object.hasOwn(at, key)
      ? (at as Record<string | number, unknown>)[key]
      : undefined;
    const next: Holder = isHolder(inside) ? inside : typeof path[k + 1] === 'number' ? [] : {};
    if (next !== inside) put(at, key, next);
    at = next;
  }
  return undefined;
}

function keyProblem(
  at: Holder,
  key: string | number,
  way: readonly (string | number)[],
): string | undefined {
  const where = pathText(way);
  if (!Array.isArray(at)) {
    return typeof key === 'number' ? `${where} has fields, not numbered entries` : undefined;
  }
  if (typeof key === 'string')
    return `${where} is a list; name an entry of it, such as ${where}[0]`;
  if (key <= at.length) return undefined;
  const most = at.length === 0 ? `${where}[0]` : `up to ${where}[${at.length}]`;
  return `found entry ${key}, but ${where} has ${at.length} ${at.length === 1 ? 'entry' : 'entries'} here; expected ${most}`;
}

function isHolder(value: unknown): value is Holder {
  return typeof value === 'object' && value !== null;
}

function put(at: Holder, key: string | number, value: unknown): void {
  Object.defineProperty(at, key, { value, writable: true, enumerable: true, configurable: true });
}
