import { stringify } from 'yaml';
import { scenarioSchema, type Scenario } from './scenario-schema.js';

/**
 * A scenario as the YAML that `parseScenario` takes, without defaults.
 * Invalid numbers are written too (`.nan`), so that they can be shown with their line.
 */
export function scenarioYaml(scenario: Scenario): string {
  return stringify(withoutDefaults(scenario));
}

/** The fields of a scenario that differ from their defaults. */
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

/** JSON writes null for NaN and infinities, which no default is. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
