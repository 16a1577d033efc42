import type { Planner } from '../../src/planner/planner.js';
import { checkedPlanner } from '../judge/check-plan.js';
import { findPlanner, loadPlanner } from './planner-source.js';

/**
 * Finds and loads the planner that a user named; all its plans are checked before they are used.
 *
 * @param where the name is written, for messages.
 * @throws InputError if nothing has that name, or it is no planner.
 */
export async function loadChecked(
  name: string,
  where: { readonly source: string; readonly field: string },
  timeLimitS: number,
): Promise<Planner> {
  const planner = await loadPlanner(findPlanner(name, where, timeLimitS));
  return { ...checkedPlanner(planner), name };
}
