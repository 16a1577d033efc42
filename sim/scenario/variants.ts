import { z } from 'zod';
import { unionAt, withoutDefault, type ScenarioPath } from './schema-paths.js';

/**
 * Variants of an object, in which one field, such as a straggler's `cause`, determines the others:
 * as the schema's discriminated unions declare them.
 */
export interface VariantGroup {
  /** The field that names the variant. */
  readonly discriminator: string;
  readonly variants: readonly Variant[];
}

/** One variant, and the fields that it has. */
export interface Variant {
  /** Value of the discriminator. */
  readonly name: string;
  /** Whether leaving the discriminator out means this one. */
  readonly isDefault: boolean;
  readonly fields: Readonly<Record<string, z.ZodType>>;
  /** Fields that not all variants have. */
  readonly own: readonly string[];
}

/** The variants at a place; undefined if it has none. */
export function variantsAt(path: ScenarioPath): VariantGroup | undefined {
  const union = unionAt(path);
  if (union === undefined) return undefined;
  const { discriminator } = union.def;
  const shapes = union.options.map((option) => (option as z.ZodObject).shape);
  const isCommon = (field: string) => shapes.every((fields) => Object.hasOwn(fields, field));
  const variants = shapes.map((shape): Variant => {
    const fields = shape as Record<string, z.ZodType>;
    const schema = fields[discriminator]!;
    const literal = withoutDefault(schema) as z.ZodLiteral<string>;
    const own = Object.keys(fields).filter((field) => !isCommon(field));
    return { name: literal.value, isDefault: schema.safeParse(undefined).success, fields, own };
  });
  return { discriminator, variants };
}

/** The variant of a value; undefined if its discriminator is invalid. */
export function variantOf(group: VariantGroup, value: unknown): Variant | undefined {
  const found: unknown = (value as Readonly<Record<string, unknown>>)[group.discriminator];
  return group.variants.find(({ name, isDefault }) =>
    found === undefined ? isDefault : name === found,
  );
}

/** The variant that has the most of a value's fields: what was probably meant. */
function closestVariant({ variants }: VariantGroup, value: object): Variant {
  const count = ({ fields }: Variant) =>
    Object.keys(value).filter((field) => Object.hasOwn(fields, field)).length;
  return variants.reduce((a, b) => (count(b) > count(a) ? b : a));
}

/** Checks each field by itself, if the discriminator does not say which ones are allowed. */
export function anyVariant({ discriminator, variants }: VariantGroup): z.ZodObject {
  const names = z.enum(variants.map(({ name }) => name));
  const schemas = new Map<string, z.ZodType>();
  for (const { fields, own } of variants) {
    for (const [field, schema] of Object.entries(fields)) {
      if (schemas.has(field)) continue;
      schemas.set(field, own.includes(field) ? schema.optional() : schema);
    }
  }
  return z.strictObject({ ...Object.fromEntries(schemas), [discriminator]: names });
}

/** A value for a missing or invalid field, so that the others can be checked. */
export function standIn(group: VariantGroup, value: object, field: PropertyKey): unknown {
  if (field === group.discriminator) return closestVariant(group, value).name;
  const schema = variantOf(group, value)?.fields[String(field)];
  return schema instanceof z.ZodNumber ? schema.maxValue : undefined;
}
