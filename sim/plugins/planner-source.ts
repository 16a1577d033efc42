import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InputError } from '../../src/errors.js';
import { nearestName } from '../../src/nearest-name.js';
import type { Planner } from '../../src/planner/planner.js';
import { POLICIES, POLICY_NAMES, type PolicyName } from '../studies/policies.js';
import { commandPlanner } from './command-planner.js';

/** Where a planner comes from: plain data, so that a worker can load it. */
export type PlannerSource =
  | { readonly kind: 'built-in'; readonly name: PolicyName }
  /** A module whose default export, or export `planner`, is a `Planner`. */
  | { readonly kind: 'module'; readonly url: string }
  /** A program that reads a problem as JSON and writes plans. */
  | { readonly kind: 'command'; readonly command: string; readonly timeLimitS: number };

/**
 * Finds what a user named: a built-in planner, a file of compiled JavaScript, an npm package, or a
 * command line, which has a space in it.
 *
 * @param askedBy the command and its argument, for messages.
 * @throws InputError when there is nothing of that name.
 */
export function findPlanner(text: string, askedBy: string, timeLimitS: number): PlannerSource {
  const known = POLICY_NAMES.find((name) => name === text);
  if (known !== undefined) return { kind: 'built-in', name: known };
  if (text.trim().includes(' ')) return { kind: 'command', command: text.trim(), timeLimitS };
  const where = { source: 'pipewatt compare', field: askedBy };
  if (/\.[cm]?ts$/.test(text)) {
    const message = `found "${text}"; compile it to JavaScript first, and name that file`;
    throw InputError.of({ ...where, message });
  }
  if (/\.[cm]?js$/.test(text)) {
    if (!existsSync(text)) throw InputError.of({ ...where, message: `there is no file ${text}` });
    return { kind: 'module', url: pathToFileURL(resolve(text)).href };
  }
  return { kind: 'module', url: packageUrl(text, where) };
}

function packageUrl(text: string, where: { source: string; field: string }): string {
  try {
    // Packages of the user's project, not of this program.
    return pathToFileURL(createRequire(resolve('package.json')).resolve(text)).href;
  } catch {
    const near = nearestName(text, POLICY_NAMES);
    const hint = near === undefined ? '' : `; did you mean "${near}"?`;
    throw InputError.of({
      ...where,
      message: `found "${text}", expected ${POLICY_NAMES.join(', ')}, a .js file, an npm package, or a command with its arguments${hint}`,
    });
  }
}

/**
 * Loads a planner.
 * @throws InputError when a module cannot be loaded or exports no planner.
 */
export async function loadPlanner(source: PlannerSource): Promise<Planner> {
  if (source.kind === 'built-in') return POLICIES[source.name];
  if (source.kind === 'command') return commandPlanner(source.command, source.timeLimitS);
  const found = await importModule(source.url);
  const planner = found['planner'] ?? found['default'];
  if (isPlanner(planner)) return planner;
  throw InputError.of({
    source: source.url,
    message:
      'exports no planner; expected an export "planner" or a default one: { name: string, plan(problem) }',
  });
}

async function importModule(url: string): Promise<Record<string, unknown>> {
  try {
    return (await import(url)) as Record<string, unknown>;
  } catch (error) {
    throw InputError.of({
      source: url,
      message: `cannot be loaded: ${(error as Error).message.split('\n')[0]!}`,
    });
  }
}

function isPlanner(value: unknown): value is Planner {
  if (typeof value !== 'object' || value === null) return false;
  const { name, plan } = value as Partial<Record<keyof Planner, unknown>>;
  return typeof name === 'string' && typeof plan === 'function';
}
