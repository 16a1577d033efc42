import fc from 'fast-check';
import { stringify } from 'yaml';
import { scenarioJsonSchema } from '../../../sim/scenario/scenario-schema.js';
import { mutated, treeMutation, type Path, type TreeMutation } from '../mutate-tree.js';
import { fieldMutation, fieldsOf, type Schema } from '../schema-fields.js';
import { mutatedFile, textMutation } from '../mutate-text.js';
import { mutatedCsv, csvMutation } from '../mutate-csv.js';
import { wrongRun } from '../run-oracle.js';
import { smallScenarios } from '../small-scenarios.js';
import { commandLine, type FuzzTarget } from '../target.js';

const bases = smallScenarios();
export const anyBase = fc.constantFrom(...bases);

/** Every field that a scenario may have, by the published schema. */
const FIELDS = fieldsOf(JSON.parse(scenarioJsonSchema()) as Schema);
const isFree = ({ path }: { readonly path: Path }) =>
  (path[0] !== 'profile' || path[1] === 'blockingPowerW') && path[1] !== 'stages';
const GUIDED = FIELDS.filter(isFree);
/** Further needs of a group. */
const WITHIN = {
  stragglers: [{ pipeline: 0, slowdown: 1.2 }],
  imbalance: { factors: [1, 1.2] },
  communication: { betweenNodes: { bandwidthGBs: 25 } },
  iterations: 2,
  faults: { checkpoint: { timeS: 10 }, restartS: 100 },
};
const PATHS = FIELDS.map(({ path }) => path);

/** Fields that say how large the work is. */
const SIZES = ['microbatches', 'iterations', 'seeds', 'pipelines', 'chunks', 'stages'];

/** Sizes that are allowed and large make runs slow that are right: they are made small. */
export function keptSmall(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  for (const [key, inside] of Object.entries(value as Record<string, unknown>)) {
    const isSize = SIZES.includes(key) && typeof inside === 'number';
    if (isSize && inside > 16 && inside <= 1e6)
      (value as Record<string, unknown>)[key] = inside % 16;
    else keptSmall(inside);
  }
  return value;
}

/** A scenario's YAML with changes. */
export function mutatedScenario(fields: object, mutations: readonly TreeMutation[]): string {
  return stringify(keptSmall(mutated(fields, mutations, PATHS)), { aliasDuplicateObjects: false });
}

export const scenarioMutations = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fieldMutation(GUIDED, WITHIN) },
    { weight: 2, arbitrary: treeMutation },
  ),
  { minLength: 1, maxLength: 3, size: 'small' },
);

/** Scenarios with fields and values that are wrong, strange or at the edge. */
export const scenarioFields: FuzzTarget = {
  name: 'scenario fields',
  share: 29,
  inputs: () =>
    fc.tuple(anyBase, scenarioMutations).map(([{ fields, csv }, changes]) =>
      commandLine(['run', 's.yaml', '--format', 'json'], {
        's.yaml': mutatedScenario(fields, changes),
        'profile.csv': csv,
      }),
    ),
  oracle: (_, { code, out }) => (code === 0 ? wrongRun(out) : undefined),
};

/** Scenarios whose text is damaged. */
export const scenarioTexts: FuzzTarget = {
  name: 'scenario texts',
  share: 8,
  inputs: () =>
    fc
      .tuple(anyBase, fc.array(textMutation, { minLength: 1, maxLength: 2 }))
      .map(([{ fields, csv }, changes]) =>
        commandLine(['run', 's.yaml', '--format', 'json'], {
          's.yaml': mutatedFile(stringify(fields), changes),
          'profile.csv': csv,
        }),
      ),
  oracle: (_, { code, out }) => (code === 0 ? wrongRun(out) : undefined),
};

/** Scenarios that are right, whose profile is not. */
export const scenarioProfiles: FuzzTarget = {
  name: 'profiles of scenarios',
  share: 8,
  inputs: () =>
    fc
      .tuple(anyBase, fc.array(csvMutation, { minLength: 1, maxLength: 3 }))
      .map(([{ fields, csv }, changes]) =>
        commandLine(['run', 's.yaml', '--format', 'json'], {
          's.yaml': stringify(fields),
          'profile.csv': mutatedCsv(csv, changes),
        }),
      ),
  oracle: (_, { code, out }) => (code === 0 ? wrongRun(out) : undefined),
};
