import fc from 'fast-check';
import { edgeNumber, hostileText } from './hostile.js';
import type { Path, TreeMutation } from './mutate-tree.js';

/** As much of JSON Schema as ours have. */
export interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

interface Field {
  readonly path: Path;
  readonly schema: Schema;
}

/** Every field that a document may have, with its schema; the first of each list. */
export function fieldsOf(schema: Schema, path: Path = []): Field[] {
  const { properties = {}, anyOf = [], oneOf = anyOf, items } = schema;
  return [
    ...(path.length === 0 ? [] : [{ path, schema }]),
    ...Object.entries(properties).flatMap(([key, inside]) => fieldsOf(inside, [...path, key])),
    ...oneOf.flatMap((either) => fieldsOf(either, path)),
    ...(items === undefined ? [] : fieldsOf(items, [...path, 0])),
  ];
}

/**
 * A field set to a value of its own type, mostly of its own range, often at the range's edge.
 * @param within what a field's group holds besides, where the document does not have the group.
 */
export function fieldMutation(
  fields: readonly Field[],
  within: Readonly<Record<string, unknown>>,
): fc.Arbitrary<TreeMutation> {
  const leaves = fields.filter(
    ({ schema: { type, enum: words } }) =>
      words !== undefined || (type !== undefined && type !== 'object' && type !== 'array'),
  );
  return fc
    .constantFrom(...leaves)
    .chain(({ path, schema }) =>
      valueOf(schema).map((value): TreeMutation => ({ kind: 'put', path, value, within })),
    );
}

function valueOf(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.const !== undefined) return fc.constant(schema.const);
  switch (schema.type) {
    case 'number':
    case 'integer':
      return numberOf(schema);
    case 'boolean':
      return fc.boolean();
    case 'array':
      return fc.array(valueOf(schema.items ?? {}), { maxLength: 4 });
    case 'object':
      return fc.constant({});
    default:
      return hostileText;
  }
}

/** Where a schema says no bound, this far from one in either direction. */
const WIDE = 1e12;

function numberOf(schema: Schema): fc.Arbitrary<number> {
  const least = schema.minimum ?? schema.exclusiveMinimum ?? -WIDE;
  // JSON Schema writes the largest whole number where there is no bound.
  const most = Math.min(schema.maximum ?? schema.exclusiveMaximum ?? WIDE, WIDE);
  const round = schema.type === 'integer' ? Math.round : (value: number) => value;
  const lowest = Math.max(least, 1e-6);
  return fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(least, most) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(least - 1, most + 1, least * (1 - 1e-9), most * 1.001),
    },
    {
      weight: 6,
      arbitrary: fc
        .double({ min: 0, max: 1, noNaN: true })
        .map((part) => round(lowest * (most / lowest) ** part)),
    },
    { weight: 6, arbitrary: fc.constantFrom(0, 0.01, 0.5, 1, 1.2, 2, 3, 4, 100, 1000).map(round) },
    { weight: 1, arbitrary: edgeNumber },
  );
}
