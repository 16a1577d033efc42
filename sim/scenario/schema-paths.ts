import { z } from 'zod';
import { scenarioSchema } from './scenario-schema.js';

/** A place in a scenario: keys and list positions from the outside inwards. */
export type ScenarioPath = readonly PropertyKey[];

/** The schemas of a place, without defaults: for a union, all its options. */
export function schemasAt(path: ScenarioPath): unknown[] {
  return path
    .reduce<unknown[]>((schemas, key) => schemas.flatMap((at) => inside(at, key)), [scenarioSchema])
    .flatMap(branches);
}

/** The discriminated union at a place, if there is one. */
export function unionAt(path: ScenarioPath): z.ZodDiscriminatedUnion | undefined {
  const found = path.reduce<unknown[]>(
    (schemas, key) => schemas.flatMap((at) => inside(at, key)),
    [scenarioSchema],
  );
  return found.map(withoutDefault).find((schema) => schema instanceof z.ZodDiscriminatedUnion);
}

/** The schema of a field or entry. */
function inside(schema: unknown, key: PropertyKey): unknown[] {
  return branches(schema).flatMap((branch): unknown[] => {
    if (branch instanceof z.ZodArray) return [branch.element];
    if (!(branch instanceof z.ZodObject)) return [];
    const field: unknown = branch.shape[String(key)];
    return field === undefined ? [] : [field];
  });
}

/** A schema without its defaults; for a union, all its options. */
function branches(schema: unknown): unknown[] {
  const plain = withoutDefault(schema);
  return plain instanceof z.ZodUnion ? plain.options.flatMap(branches) : [plain];
}

export function withoutDefault(schema: unknown): unknown {
  return schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
    ? withoutDefault(schema.unwrap())
    : schema;
}

/** The value at a place; undefined if there is none. */
export function valueAt(value: unknown, path: ScenarioPath): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      at === null || typeof at !== 'object' ? undefined : (at as Record<PropertyKey, unknown>)[key],
    value,
  );
}
