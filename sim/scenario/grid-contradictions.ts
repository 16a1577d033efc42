import type { GridLimits } from './grid-schema.js';
import type { ScenarioProblem } from './scenario-problems.js';
import type { Scenario } from './scenario-schema.js';
import { whereRight } from './usable-scenario.js';

/** Fields that say the same in different units. */
const SAID_TWICE = [
  ['rampUpWPerS', 'rampUpMWPerMin'],
  ['rampDownWPerS', 'rampDownMWPerMin'],
  ['dynamicRangeW', 'dynamicRangePct'],
] as const satisfies readonly (readonly (keyof GridLimits)[])[];

/** Problems of a scenario's limits with each other. */
export function gridContradictions({ grid }: Scenario): ScenarioProblem[] {
  if (grid === undefined) return [];
  return [
    () =>
      hasLimit(grid)
        ? []
        : [problem(['grid'], `has no limit; give one or more of ${LIMITS.join(', ')}`)],
    ...SAID_TWICE.map(([field, other]) => () => {
      const isTwice = grid[field] !== undefined && grid[other] !== undefined;
      return isTwice ? [problem(['grid', other], `is said by grid.${field}; leave one out`)] : [];
    }),
    ...Array.from({ length: grid.bands?.length ?? 0 }, (_, k) => () => {
      const { fromHz, toHz } = grid.bands![k]!;
      const message = `found ${toHz}, expected at least fromHz, ${fromHz}`;
      return toHz >= fromHz ? [] : [problem(['grid', 'bands', k, 'toHz'], message)];
    }),
  ].flatMap(whereRight);
}

/** Fields that are limits. */
const LIMITS = [...new Set(['peakW', ...SAID_TWICE.flat(), 'bands'] as const)];

function hasLimit(grid: GridLimits): boolean {
  return LIMITS.some((field) => grid[field] !== undefined);
}

function problem(path: ScenarioProblem['path'], message: string): ScenarioProblem {
  return { path, message };
}
