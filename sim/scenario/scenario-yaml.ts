import { stringify } from 'yaml';
import { scenarioSchema, type Scenario } from './scenario-schema.js';

/**
 * A scenario as the YAML that `parseScenario` takes, without what would be the default anyway.
 * Numbers that are none are written too (`.nan`), so that what is wrong can be shown with its line.
 */
export function scenarioYaml(scenario: Scenario): string {
  return stringify(withoutDefaults(scenario));
}

/** The fields of a scenario that are not as they would be if they were left out. */
export function withoutDefaults(scenario: Scenario): Record<string, unknown> {
  const { name, profile, pipeline, ...optional } = scenarioSchema.parse({
    name: 'any',
    profile: { catalog: 'any' },
    pipeline: { stages: 1, microbatches: 1 },
  });
  const { stages, microbatches, ...optionalOfPipeline } = pipeline;
  return changed({ ...scenario }, { ...optional, pipeline: optionalOfPipeline });
}

type Fields = Readonly<Record<string, unknown>>;

function changed(fields: Fields, defaults: Fields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]): [string, unknown][] => {
      const usual = defaults[key];
      if (value === undefined || isSame(value, usual)) return [];
      return [[key, isFields(value) && isFields(usual) ? changed(value, usual) : value]];
    }),
  );
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON writes null for what is no number, which no default is. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
