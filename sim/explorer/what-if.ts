import { scenarioSchema, type Scenario } from '../scenario/scenario-schema.js';
import { scenarioYaml } from '../scenario/scenario-yaml.js';

/** A user's file: a stage profile as CSV. */
export interface ProfileFile {
  readonly name: string;
  readonly text: string;
}

/**
 * The content of the page: a scenario, and the profile that it names if that is the user's own. While
 * the user types, numbers may be out of range; the scenario's shape is always valid.
 */
export interface WhatIf {
  readonly scenario: Scenario;
  readonly csv?: ProfileFile;
}

/** A what-if as the files that `pipewatt run` takes, and that links and downloads contain. */
export interface WhatIfFiles {
  /** Of the scenario's file. */
  readonly name: string;
  readonly yaml: string;
  readonly csv?: ProfileFile;
}

/** The initial what-if: it shows both kinds of energy bloat. */
export function startingWhatIf(): WhatIf {
  return {
    scenario: scenarioSchema.parse({
      name: 'what-if',
      profile: { catalog: 'gpt3-175b-a100-sxm' },
      pipeline: { stages: 8, microbatches: 24 },
      tensorParallel: 8,
      pipelines: 64,
      stragglers: [{ pipeline: 0, slowdown: 1.2 }],
      prices: { perKWh: 0.1, carbonGPerKWh: 400 },
    }),
  };
}

/** The files of a what-if; the profile only if the scenario still names it. */
export function filesOf({ scenario, csv }: WhatIf): WhatIfFiles {
  const { profile } = scenario;
  const isUsed = csv !== undefined && 'csv' in profile && profile.csv === csv.name;
  return {
    name: scenarioFileName(scenario),
    yaml: scenarioYaml(scenario),
    ...(isUsed ? { csv } : {}),
  };
}

/** A file name made from the scenario's name. */
export function scenarioFileName({ name }: Scenario): string {
  const plain = name.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[.-]+|[.-]+$/g, '');
  return `${plain === '' ? 'what-if' : plain}.yaml`;
}
