import type { ScenarioProblem } from './scenario-problems.js';
import type { Scenario } from './scenario-schema.js';
import type { Flattening } from './smoothing-schema.js';
import { whereRight } from './usable-scenario.js';

/** The controls, in the order in which they act. */
const CONTROLS = ['stagger', 'cap', 'ballast', 'smoothing', 'storage'] as const;

/** Each looks at one thing. */
const CHECKS: readonly ((flatten: Flattening, scenario: Scenario) => ScenarioProblem[])[] = [
  (flatten) =>
    CONTROLS.some((control) => flatten[control] !== undefined)
      ? []
      : [problem([], `has no control; give one or more of ${CONTROLS.join(', ')}`)],
  ({ stagger }, { pipelines }) =>
    stagger === undefined || stagger.groups <= pipelines
      ? []
      : [
          problem(
            ['stagger', 'groups'],
            `found ${stagger.groups}, expected at most ${pipelines}, the number of pipelines`,
          ),
        ],
  ({ cap, ballast }) => (cap && ballast ? [burning('ballast')] : []),
  ({ cap, smoothing }) => (cap && smoothing ? [burning('smoothing')] : []),
  ({ smoothing }) =>
    smoothing === undefined ||
    [smoothing.floorPct, smoothing.rampUpWPerS, smoothing.rampDownWPerS].some(
      (value) => value !== undefined,
    )
      ? []
      : [
          problem(
            ['smoothing'],
            'smooths nothing; give one or more of floorPct, rampUpWPerS, rampDownWPerS',
          ),
        ],
  ({ smoothing }) => withoutFloor(smoothing, 'rampDownHysteresisMs', 'how long the floor is held'),
  ({ smoothing }) => withoutFloor(smoothing, 'maximumW', 'what floorPct is a part of'),
  ({ storage }) =>
    storage?.levelW === undefined || storage.meanOverS === undefined
      ? []
      : [problem(['storage', 'levelW'], 'does not go with meanOverS; leave one of the two out')],
];

/** Finds valid fields of `flatten` that do not go together. */
export function flattenContradictions(scenario: Scenario): ScenarioProblem[] {
  const { flatten } = scenario;
  if (flatten === undefined) return [];
  return CHECKS.flatMap((check) => whereRight(() => check(flatten, scenario)));
}

function burning(control: 'ballast' | 'smoothing'): ScenarioProblem {
  return problem(
    [control],
    'does not go with flatten.cap: a cap lowers clocks, and this burns power between; leave one of the two out',
  );
}

function withoutFloor(
  smoothing: Flattening['smoothing'],
  field: 'rampDownHysteresisMs' | 'maximumW',
  meaning: string,
): ScenarioProblem[] {
  if (smoothing?.[field] === undefined || smoothing.floorPct !== undefined) return [];
  return [problem(['smoothing', field], `is ${meaning}; give floorPct too, or leave it out`)];
}

function problem(path: readonly string[], message: string): ScenarioProblem {
  return { path: ['flatten', ...path], message };
}
