import { z } from 'zod';

const scalar = z.union([z.string(), z.number(), z.boolean()]);
/** A value for a field: a plain one, or a list or object set as a whole. */
const fieldValue = z.union([scalar, z.array(z.unknown()), z.record(z.string(), z.unknown())]);

const rangeSchema = z.strictObject({
  from: z.number(),
  to: z.number(),
  step: z.number().positive().optional(),
  count: z.int().min(2).max(10_000).optional(),
  scale: z.enum(['linear', 'log']).default('linear'),
});

const axisSchema = z.union([z.array(fieldValue).min(1), rangeSchema]);

const axesSchema = z.record(z.string().min(1), axisSchema);

/** A sweep's file. */
export const sweepSchema = z.strictObject({
  name: z.string().regex(/^[\w.-]+$/),
  description: z.string().optional(),
  base: z.union([z.string().min(1), z.record(z.string(), z.unknown())]),
  matrix: axesSchema.default({}),
  zip: z.array(axesSchema.refine((axes) => Object.keys(axes).length > 0)).default([]),
  exclude: z
    .array(z.record(z.string(), fieldValue).refine((pattern) => Object.keys(pattern).length > 0))
    .default([]),
  seeds: z.int().min(1).max(10_000).default(1),
});

type Range = z.output<typeof rangeSchema>;
export type FieldValue = z.output<typeof fieldValue>;
export type Axis = z.output<typeof axisSchema>;

/** Values of the fields that a sweep varies, by path, in the order of its axes. */
export type Parameters = Readonly<Record<string, FieldValue>>;

/** A field that varies, and its place in the sweep's file. */
export interface PlacedAxis {
  readonly field: string;
  readonly axis: Axis;
  readonly path: readonly (string | number)[];
}

/** More runs than this are a mistake, or need several sweeps. */
export const MOST_RUNS = 1_000_000;

/** The problem of an axis without values, or with some twice; undefined if it is valid. */
export function axisProblem(axis: Axis): string | undefined {
  return Array.isArray(axis) ? listProblem(axis) : rangeProblem(axis);
}

function listProblem(values: readonly FieldValue[]): string | undefined {
  const seen = new Set<string>();
  const twice = values
    .map((value) => JSON.stringify(value))
    .find((text) => seen.size === seen.add(text).size);
  return twice === undefined ? undefined : `found ${twice} twice; keep one`;
}

function rangeProblem({ from, to, step, count, scale }: Range): string | undefined {
  if ((step === undefined) === (count === undefined)) return 'expected either step or count';
  if (to < from) return `found to ${to}, expected at least from, ${from}`;
  if (scale === 'log' && from <= 0) return `found from ${from}, expected above 0 for scale log`;
  if (scale === 'log' && step !== undefined) return 'expected count, not step, for scale log';
  if (count !== undefined && to === from) return `found to ${to}, expected more than from`;
  if (step !== undefined && (to - from) / step > MOST_RUNS)
    return `found too small a step, ${step}`;
  return undefined;
}

/** Digits of a range's values: rounding errors of adding up are cut off. */
const RANGE_DIGITS = 12;

/** Values of an axis that has no problem. */
export function valuesOf(axis: Axis): readonly FieldValue[] {
  if (Array.isArray(axis)) return axis;
  const { from, to, step, count, scale } = axis;
  const steps = step === undefined ? count! - 1 : Math.floor((to - from) / step + 1e-9);
  const at = (k: number): number => {
    if (step !== undefined) return from + k * step;
    return scale === 'log' ? from * (to / from) ** (k / steps) : from + (k * (to - from)) / steps;
  };
  return Array.from({ length: steps + 1 }, (_, k) => Number(at(k).toPrecision(RANGE_DIGITS)));
}

/** Every combination of groups of axes, the last one fastest; axes of one group vary together. */
export function combine(groups: readonly (readonly PlacedAxis[])[]): Parameters[] {
  let combinations: Parameters[] = [{}];
  for (const group of groups) {
    const columns = group.map(({ field, axis }) => [field, valuesOf(axis)] as const);
    const length = columns[0]?.[1].length ?? 0;
    const choices = Array.from({ length }, (_, k) =>
      Object.fromEntries(columns.map(([field, values]) => [field, values[k]!])),
    );
    combinations = combinations.flatMap((parameters) =>
      choices.map((choice) => ({ ...parameters, ...choice })),
    );
  }
  return combinations;
}

/** Whether a combination has all values of a pattern. */
export function matches(parameters: Parameters, pattern: Parameters): boolean {
  return Object.entries(pattern).every(
    ([field, value]) => JSON.stringify(parameters[field]) === JSON.stringify(value),
  );
}
