import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { LIBRARY } from '../disk/catalog-files.js';
import { readUserFile } from '../disk/files.js';
import { loadScenario, loadScenarioObject } from '../scenario/scenario.js';
import { asPromise } from './as-promise.js';
import { checkPath } from './checked-options.js';
import type { Scenario as CheckedScenario, scenarioSchema } from '../scenario/scenario-schema.js';

/**
 * A scenario as users write it: one training job, what goes wrong in it, and the policies to
 * compare. The fields are those of a scenario's YAML file (docs/scenarios.md), with their unit at
 * the end of their name; those that are left out have defaults. A `csv`, and a `model` or `gpu` that
 * is a `.yaml` file, are paths from the working directory.
 *
 * @example
 * ```ts
 * import type { ScenarioInput } from 'pipewatt';
 *
 * const scenario: ScenarioInput = {
 *   name: 'a straggler',
 *   profile: { catalog: 'gpt3-175b-a100-sxm' },
 *   pipeline: { stages: 8, microbatches: 12 },
 *   tensorParallel: 8,
 *   pipelines: 16,
 *   stragglers: [{ pipeline: 0, cause: 'throttle', clockLimitMHz: 1200 }],
 * };
 * console.log(scenario.pipelines); // 16
 * ```
 */
export type ScenarioInput = z.input<typeof scenarioSchema>;

/**
 * A scenario without mistakes, its defaults filled in. It is a `ScenarioInput` too: change a copy of
 * it to ask what if.
 *
 * @example
 * ```ts
 * import { readScenario, type Scenario } from 'pipewatt';
 *
 * const scenario: Scenario = await readScenario('scenario.yaml');
 * console.log(scenario.pipeline.schedule, scenario.policies); // 1f1b [ 'max-frequency', 'zeus-global', 'perseus' ]
 * ```
 */
export type Scenario = CheckedScenario;

/**
 * Reads a scenario's YAML file, and checks that the profile that it names exists and fits it.
 *
 * @param path of the file. Files that the scenario names are relative to it; their paths are absolute
 *   in the returned scenario, so that it can be run from anywhere.
 * @throws InputError with every problem and its line: of the file, of its fields, of the profile.
 *
 * @example
 * ```ts
 * import { readScenario, runScenario } from 'pipewatt';
 *
 * const scenario = await readScenario('scenario.yaml');
 * const run = await runScenario({ ...scenario, pipelines: 8 });
 * console.log(run.gpus); // 128
 * ```
 */
export function readScenario(path: string): Promise<Scenario> {
  return asPromise(() => {
    checkPath(path, 'readScenario');
    const { scenario } = loadScenario(readUserFile(path, 'scenario'), path, LIBRARY);
    return fromAnywhere(scenario, dirname(path));
  });
}

/**
 * Checks a scenario and fills in its defaults, without running it.
 *
 * @throws InputError with every problem: of its fields, of the profile that it names, and of both.
 *
 * @example
 * ```ts
 * import { checkScenario, InputError } from 'pipewatt';
 *
 * const profile = { catalog: 'gpt3-175b-a40' };
 * try {
 *   await checkScenario({ name: 'x', profile, pipeline: { stages: 8, microbatches: 0 } });
 * } catch (error) {
 *   if (error instanceof InputError) console.log(error.problems[0]?.field); // pipeline.microbatches
 * }
 * ```
 */
export function checkScenario(scenario: ScenarioInput): Promise<Scenario> {
  return asPromise(() => loadScenarioObject(scenario, SCENARIO, LIBRARY).scenario);
}

/** The name in messages of a scenario that is an object. */
export const SCENARIO = 'scenario';

/** The same scenario, with absolute paths for its files in a folder. */
export function fromAnywhere(scenario: Scenario, folder: string): Scenario {
  const { profile } = scenario;
  const absolute = (name: string) => (/\.ya?ml$/.test(name) ? resolve(folder, name) : name);
  if ('csv' in profile) {
    return { ...scenario, profile: { ...profile, csv: resolve(folder, profile.csv) } };
  }
  if ('catalog' in profile) return scenario;
  const [model, gpu] = [absolute(profile.model), absolute(profile.gpu)];
  return { ...scenario, profile: { ...profile, model, gpu } };
}
