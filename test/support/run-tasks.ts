import { parseScenario } from '../../sim/scenario/scenario.js';
import type { Scenario } from '../../sim/scenario/scenario-schema.js';
import { RunIdentities } from '../../sim/sweep/identity.js';
import type { RunTask } from '../../sim/sweep/run-result.js';
import { LIBRARY } from '../../sim/disk/catalog-files.js';
import { loadProfile } from '../../sim/scenario/scenario-profile.js';
import { projectFile } from './files.js';

/** A small scenario with more fields. */
export function smallScenario(extra = '', microbatches = 4): Scenario {
  return parseScenario(
    `name: a
profile: { csv: ${projectFile('test/fixtures/good/two-stages.csv')}, blockingPowerW: 80 }
pipeline: { stages: 2, microbatches: ${microbatches} }
policies: [max-frequency, perseus]
${extra}`,
    's.yaml',
  );
}

/** Runs of scenarios with the profile of the first. */
export function tasksOf(scenarios: readonly Scenario[]): RunTask[] {
  const profile = loadProfile(scenarios[0]!, 's.yaml', LIBRARY);
  const identities = new RunIdentities('1');
  return scenarios.map((one, index) => {
    const { frontier } = identities.of(one, profile);
    return { index, scenario: one, profile, frontier };
  });
}
