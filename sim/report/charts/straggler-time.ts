import type { KeptRun } from '../../run/kept-run.js';

/** Times that differ by less are the same. */
const SAME_TIME = 1 + 1e-9;

/**
 * The time that the slowest known straggler takes, s; undefined without one. A scenario's longer deadline
 * hides it in what plans were chosen for: then it is as simulated at the highest clocks.
 */
export function stragglerTime({ setting, policies }: KeptRun): number | undefined {
  const { known, stragglerTimeS } = policies.at(-1)!.shown;
  if (known.length === 0) return undefined;
  const { deadlineS = 0 } = setting.scenario;
  if (stragglerTimeS > deadlineS * SAME_TIME) return stragglerTimeS;
  const highest = policies.find(({ policy }) => policy === 'max-frequency') ?? policies[0]!;
  return highest.shown.record.meetS;
}
