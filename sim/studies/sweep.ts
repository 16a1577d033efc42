import { z } from 'zod';
import { InputError, type Problem } from '../../src/errors.js';
import { cut } from '../../src/problem-list.js';
import { checkScenario } from './scenario.js';
import type { Scenario } from './scenario-schema.js';
import { lineOf, pathOf, pathText, readYaml, type YamlFile } from './yaml-file.js';

const scalar = z.union([z.string(), z.number(), z.boolean()]);
/** What a field may be set to: a plain value, or a list or fields that are set whole. */
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

const sweepSchema = z.strictObject({
  name: z.string().regex(/^[\w.-]+$/),
  description: z.string().optional(),
  base: z.union([z.string().min(1), z.record(z.string(), z.unknown())]),
  matrix: axesSchema.default({}),
  zip: z.array(axesSchema).default([]),
  exclude: z.array(z.record(z.string(), fieldValue)).default([]),
  seeds: z.int().min(1).max(10_000).default(1),
});

type Range = z.output<typeof rangeSchema>;
type Axes = z.output<typeof axesSchema>;
type FieldValue = z.output<typeof fieldValue>;

/** Values of the fields that a sweep varies, by path, in the order of its axes. */
export type Parameters = Readonly<Record<string, FieldValue>>;

/** One run of a sweep. */
export interface SweepRun {
  /** From 0, in the order of the matrix: its last axis varies fastest, then seeds. */
  readonly index: number;
  readonly parameters: Parameters;
  readonly scenario: Scenario;
}

/** A sweep, written out. */
export interface Sweep {
  readonly name: string;
  /** Fields that vary, in order. */
  readonly fields: readonly string[];
  readonly runs: readonly SweepRun[];
}

/** More runs than this are a mistake, or want several sweeps. */
export const MOST_RUNS = 1_000_000;
/** Problems of runs are alike: so many are named. */
const NAMED_PROBLEMS = 20;

/**
 * Reads a sweep: a base scenario, and which of its fields take which values.
 *
 * @param source name of the file, for messages.
 * @param readBase text of the base scenario's file.
 * @throws InputError with every problem: of the file, of the base, and of runs that are none.
 */
export function parseSweep(
  text: string,
  source: string,
  readBase: (path: string) => { readonly text: string; readonly source: string },
): Sweep {
  const file = readYaml(text, source);
  const parsed = sweepSchema.safeParse(file.value ?? {});
  if (!parsed.success) {
    throw new InputError(
      parsed.error.issues.flatMap((issue) => schemaProblem(issue, file, source)),
    );
  }
  const { name, base, matrix, zip, exclude, seeds } = parsed.data;
  const problems = axisProblems(parsed.data, file, source);
  if (problems.length > 0) throw new InputError(problems);
  const groups = [
    ...Object.entries(matrix).map(([field, axis]) => [[field, valuesOf(axis)] as const]),
    ...zip.map((axes) =>
      Object.entries(axes).map(([field, axis]) => [field, valuesOf(axis)] as const),
    ),
  ];
  const baseValue = typeof base === 'string' ? baseOf(readBase(base)) : base;
  const combinations = combine(groups).filter(
    (parameters) => !exclude.some((pattern) => matches(parameters, pattern)),
  );
  const runs = checkedRuns(combinations, baseValue, seeds, file, source);
  return { name, fields: groups.flatMap((group) => group.map(([field]) => field)), runs };
}

function baseOf({ text, source }: { text: string; source: string }): Record<string, unknown> {
  const { value } = readYaml(text, source);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw InputError.of({ source, message: 'is no scenario' });
}

function schemaProblem(issue: z.core.$ZodIssue, file: YamlFile, source: string): Problem[] {
  const isUnknownField = issue.code === 'unrecognized_keys' && issue.path.length === 0;
  const keys = isUnknownField ? issue.keys : [undefined];
  return keys.map((key) => {
    const path = key === undefined ? issue.path : [...issue.path, key];
    const at = path.reduce<unknown>(
      (inside, part) =>
        typeof inside === 'object' && inside !== null
          ? (inside as Record<PropertyKey, unknown>)[part]
          : undefined,
      file.value,
    );
    const found = at === undefined ? 'nothing' : cut(JSON.stringify(at));
    return {
      source,
      ...lineOf(file, path),
      field: path.length === 0 ? 'the whole file' : pathText(path),
      message:
        key === undefined
          ? `found ${found}, expected ${expectationOf(issue)}`
          : 'is not a field of a sweep; there are name, description, base, matrix, zip, exclude, seeds',
    };
  });
}

function expectationOf(issue: z.core.$ZodIssue): string {
  const [top] = issue.path;
  if (top === 'name') return 'a name of letters, digits, dots and dashes';
  if (top === 'base') return "a scenario's file, or a scenario";
  if (top === 'seeds') return 'a whole number from 1 to 10000';
  if (top === 'exclude') return 'a list of {field: value}';
  return 'a list of values, or {from, to, step or count, scale: linear or log}';
}

/** Ranges that never end or never begin, zipped lists of unequal length, fields that vary twice. */
function axisProblems(
  { matrix, zip }: z.output<typeof sweepSchema>,
  file: YamlFile,
  source: string,
): Problem[] {
  const problems: Problem[] = [];
  const refuse = (path: (string | number)[], message: string) =>
    problems.push({ source, ...lineOf(file, path), field: pathText(path), message });
  const seen = new Set<string>();
  const check = (axes: Axes, path: (string | number)[]) => {
    for (const [field, axis] of Object.entries(axes)) {
      if (seen.has(field)) refuse([...path, field], 'varies already; name it once');
      seen.add(field);
      const wrong = Array.isArray(axis) ? undefined : rangeProblem(axis);
      if (wrong !== undefined) refuse([...path, field], wrong);
    }
  };
  check(matrix, ['matrix']);
  zip.forEach((axes, k) => {
    check(axes, ['zip', k]);
    const lengths = Object.values(axes).map((axis) =>
      Array.isArray(axis) || rangeProblem(axis) === undefined ? valuesOf(axis).length : 0,
    );
    if (new Set(lengths).size > 1) {
      refuse(['zip', k], `found lists of ${lengths.join(' and ')} values, expected equal lengths`);
    }
  });
  const axes = [...Object.values(matrix), ...zip.map((group) => Object.values(group)[0])];
  if (problems.length > 0) return problems;
  const runs = axes.reduce((n, axis) => n * (axis === undefined ? 1 : valuesOf(axis).length), 1);
  if (runs > MOST_RUNS) refuse(['matrix'], `makes ${runs} runs, expected at most ${MOST_RUNS}`);
  return problems;
}

function rangeProblem({ from, to, step, count, scale }: Range): string | undefined {
  if ((step === undefined) === (count === undefined)) return 'expected either step or count';
  if (to < from) return `found to ${to}, expected at least from, ${from}`;
  if (scale === 'log' && from <= 0) return `found from ${from}, expected above 0 for scale log`;
  if (scale === 'log' && step !== undefined) return 'expected count, not step, for scale log';
  if (step !== undefined && (to - from) / step > MOST_RUNS)
    return `found too small a step, ${step}`;
  return undefined;
}

/** Digits of a range's values: what is left behind by adding up is cut off. */
const RANGE_DIGITS = 12;

function valuesOf(axis: Axes[string]): readonly FieldValue[] {
  if (Array.isArray(axis)) return axis;
  const { from, to, step, count, scale } = axis;
  const steps = step === undefined ? count! - 1 : Math.floor((to - from) / step + 1e-9);
  const at = (k: number): number => {
    if (step !== undefined) return from + k * step;
    return scale === 'log' ? from * (to / from) ** (k / steps) : from + (k * (to - from)) / steps;
  };
  return Array.from({ length: steps + 1 }, (_, k) => Number(at(k).toPrecision(RANGE_DIGITS)));
}

/** Every combination of the groups, the last one fastest; fields of one group vary together. */
function combine(
  groups: readonly (readonly (readonly [string, readonly FieldValue[]])[])[],
): Record<string, FieldValue>[] {
  let combinations: Record<string, FieldValue>[] = [{}];
  for (const group of groups) {
    const length = group[0]?.[1].length ?? 0;
    combinations = combinations.flatMap((parameters) =>
      Array.from({ length }, (_, k) => ({
        ...parameters,
        ...Object.fromEntries(group.map(([field, values]) => [field, values[k]!])),
      })),
    );
  }
  return combinations;
}

function matches(parameters: Parameters, pattern: Parameters): boolean {
  return Object.entries(pattern).every(
    ([field, value]) => JSON.stringify(parameters[field]) === JSON.stringify(value),
  );
}

/** Field of a run's parameters that says which of a combination's seeds it has. */
const SEED = 'seed';

function checkedRuns(
  combinations: readonly Parameters[],
  base: Record<string, unknown>,
  seeds: number,
  file: YamlFile,
  source: string,
): SweepRun[] {
  const runs: SweepRun[] = [];
  const problems = new Map<string, Problem>();
  const firstSeed = typeof base['seed'] === 'number' ? base['seed'] : 1;
  for (const parameters of combinations) {
    for (let k = 0; k < seeds; k++) {
      const all = seeds === 1 ? parameters : { ...parameters, [SEED]: firstSeed + k };
      const checked = checkScenario(withFields(base, all));
      if (!Array.isArray(checked)) {
        runs.push({ index: runs.length, parameters: all, scenario: checked });
        continue;
      }
      for (const { path, message } of checked) {
        const problem = problemOfRun(pathText(path), message, all, file, source);
        const key = `${problem.field} ${problem.message}`;
        if (!problems.has(key) && problems.size < NAMED_PROBLEMS) problems.set(key, problem);
      }
    }
  }
  if (problems.size > 0) throw new InputError([...problems.values()]);
  if (runs.length === 0)
    throw InputError.of({ source, message: 'leaves no runs: all are excluded' });
  return runs;
}

/** A run's problem, where the sweep sets the field that it is about. */
function problemOfRun(
  field: string,
  message: string,
  parameters: Parameters,
  file: YamlFile,
  source: string,
): Problem {
  const axis = Object.keys(parameters).find(
    (name) => field.startsWith(name) || name.startsWith(field),
  );
  const inMatrix = axis === undefined ? ['base', ...pathOf(field)] : ['matrix', axis];
  const shown = Object.entries(parameters).map(
    ([name, value]) => `${name} ${JSON.stringify(value)}`,
  );
  return {
    source,
    ...lineOf(file, inMatrix),
    field: axis === undefined ? `base ${field}` : `matrix.${axis}`,
    message: axis === field ? message : `${field}: ${message} (run with ${shown.join(', ')})`,
  };
}

/** A copy of a scenario with some fields set; what lies on the way to them is made. */
function withFields(base: Record<string, unknown>, parameters: Parameters): unknown {
  const value = structuredClone(base);
  for (const [field, set] of Object.entries(parameters)) {
    const path = pathOf(field);
    let at: Record<string | number, unknown> = value;
    path.slice(0, -1).forEach((key, k) => {
      const isThere = typeof at[key] === 'object' && at[key] !== null;
      if (!isThere) at[key] = typeof path[k + 1] === 'number' ? [] : {};
      at = at[key] as Record<string | number, unknown>;
    });
    at[path.at(-1)!] = set;
  }
  return value;
}
