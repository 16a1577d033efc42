import type { ExternalPlanner } from '../plugins/external-planner.js';
import { findPlanner } from '../plugins/planner-source.js';

/**
 * The planner of an option `--planner`, if it was given.
 * @throws InputError when there is none of that name.
 */
export function namedPlanner(
  name: string | undefined,
  command: string,
  timeLimitS: number,
): ExternalPlanner | undefined {
  if (name === undefined) return undefined;
  const where = { source: `pipewatt ${command}`, field: '--planner' };
  return { name, source: findPlanner(name, where, timeLimitS), timeLimitS };
}
