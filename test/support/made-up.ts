import type { ExecutionOption, StageProfile } from '../../src/profile/stage-profile.js';
import type { ScenarioProfile } from '../../sim/scenario/scenario-setting.js';
import { scenarioSchema, type Scenario } from '../../sim/scenario/scenario-schema.js';

/** Times proportional to 1/f with a fixed part, power rising with the cube of f. */
function options(work: number): ExecutionOption[] {
  return [1410, 1305, 1200, 1095, 990, 885].map((frequencyMHz) => {
    const x = frequencyMHz / 1410;
    const timeS = work * (0.3 + 0.7 / x);
    return { frequencyMHz, timeS, energyJ: timeS * (120 + 280 * x ** 3) };
  });
}

/** A profile whose stages do so much work. */
export function profileOf(works: readonly number[]): ScenarioProfile {
  const profile: StageProfile = {
    source: 'made up',
    stages: works.map((work) => ({ forward: options(work), backward: options(2 * work) })),
  };
  return { askedBy: 's.yaml', profile, scale: 1, blockingPowerW: 80, title: 'made up' };
}

/** A scenario of two stages, four microbatches and two policies, with some fields changed. */
export function scenarioOf(fields: object): Scenario {
  return scenarioSchema.parse({
    name: 'test',
    profile: { catalog: 'made-up' },
    pipeline: { stages: 2, microbatches: 4 },
    policies: ['max-frequency', 'perseus'],
    ...fields,
  });
}
