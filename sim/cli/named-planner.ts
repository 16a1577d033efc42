import type { ExternalPlanner } from '../plugins/external-planner.js';
import { findPlanner } from '../plugins/planner-source.js';

/**
 * The planner of an option `--planner`, if it was given.
 * @throws InputError if no planner has that name.
 */
export function namedPlanner(
  name: string | undefined,
  where: { readonly source: string; readonly field: string },
  timeLimitS: number,
): ExternalPlanner | undefined {
  if (name === undefined) return undefined;
  return { name, source: findPlanner(name, where, timeLimitS), timeLimitS };
}
