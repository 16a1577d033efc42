import { groupBy } from '../../../src/groups.js';
import type { FrequencyPlan } from '../../../src/planner/planner.js';
import { endTime } from '../../run/policy-plans.js';
import type { Setting } from '../../scenario/scenario-setting.js';
import type { Straggler } from '../../training/data-parallel.js';
import { isPlain } from '../../training/plain-straggler.js';
import type { ReportedStraggler } from '../planning/planning-request.js';

/**
 * The reports of stragglers that a job has noticed, one for each slow pipeline. A plain one is told by
 * its slowdown; of another cause, the time is told that the pipeline takes with the fastest plan, in
 * the planner's time: planned times are rounded, so the simulated time is scaled in proportion.
 *
 * @param fastest the plan of a job in which nothing is slow.
 */
export function stragglerReports(
  setting: Setting,
  fastest: FrequencyPlan,
  known: readonly Straggler[],
): ReportedStraggler[] {
  let healthyS: number | undefined;
  return [...groupBy(known, ({ pipeline }) => pipeline)].flatMap(
    ([pipeline, causes]): ReportedStraggler[] => {
      if (causes.every(isPlain)) {
        const slowdown = causes.reduce((product, cause) => product * cause.slowdown, 1);
        return slowdown > 1 ? [{ pipeline, slowdown }] : [];
      }
      healthyS ??= endTime(setting, fastest, []);
      const slowS = endTime(setting, fastest, causes);
      const seconds = (fastest.plannedTimeS * slowS) / healthyS;
      return slowS > healthyS ? [{ pipeline, seconds }] : [];
    },
  );
}
