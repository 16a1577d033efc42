import { SpoiltFieldError } from '../../src/errors.js';
import { locatedIssues, type ScenarioPath, type ScenarioProblem } from './scenario-problems.js';
import { withOurNames } from './scenario-vocabulary.js';
import { scenarioSchema, type Scenario } from './scenario-schema.js';
import { standIn, variantsAt } from './variants.js';

/** A value read as a scenario, and the problems that the schema finds. */
export interface UsableScenario {
  /**
   * The valid part of the scenario: reading an invalid field throws a `SpoiltFieldError`.
   * Undefined if no part of it is known to be valid.
   */
  readonly scenario: Scenario | undefined;
  readonly problems: readonly ScenarioProblem[];
}

/** The same, with the problems of single fields. */
interface CheckedFields extends UsableScenario {
  readonly ofSingleFields: readonly ScenarioProblem[];
}

/** Stand-ins for required fields while others are checked; list positions are `[]`. */
const PLACEHOLDERS: Readonly<Record<string, unknown>> = {
  name: 'unnamed',
  profile: { catalog: 'unnamed' },
  'profile.catalog': 'unnamed',
  'profile.csv': 'unnamed',
  'profile.blockingPowerW': 1,
  'profile.model': 'unnamed',
  'profile.gpu': 'unnamed',
  'profile.microbatch': 1,
  pipeline: { stages: 1, microbatches: 1 },
  'pipeline.stages': 1,
  'pipeline.microbatches': 1,
  'stragglers.[].pipeline': 0,
  'grid.bands.[].fromHz': 0.1,
  'grid.bands.[].toHz': 20,
  'grid.bands.[].mostW': 1e11,
};

/** Each round removes what the previous one left without a part that it needs. */
const MOST_ROUNDS = 6;

/** Checks each field of a scenario by itself, and keeps the valid ones. */
export function usableScenario(found: unknown): CheckedFields {
  const value = withOurNames(found);
  const parsed = scenarioSchema.safeParse(value);
  if (parsed.success) return { scenario: parsed.data, problems: [], ofSingleFields: [] };
  const issues = locatedIssues(parsed.error.issues, value);
  const problemOf = ({ path, message }: ScenarioProblem) => ({ path, message });
  const problems = {
    problems: issues.map(problemOf),
    ofSingleFields: issues.filter((issue) => !issue.isOfCombination).map(problemOf),
  };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { scenario: undefined, ...problems };
  }
  const mended = cloned(value as Fields);
  if (mended === undefined) return { scenario: undefined, ...problems };
  const spoilt: ScenarioPath[] = [];
  let left = issues;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    for (const { path, isUnknownKey } of left) {
      if (isUnknownKey) {
        remove(mended, path);
        continue;
      }
      const out = takenOut(mended, path);
      replace(mended, out);
      spoilt.push(out);
    }
    const again = scenarioSchema.safeParse(mended);
    if (again.success) return { scenario: withoutSpoilt(again.data, spoilt), ...problems };
    left = locatedIssues(again.error.issues, mended);
    if (left.some(({ path }) => path.length === 0)) break;
  }
  return { scenario: undefined, ...problems };
}

type Fields = Record<PropertyKey, unknown>;

/** A copy, even of a value that contains itself; undefined if it is not plain data. */
function cloned(fields: Fields): Fields | undefined {
  try {
    return structuredClone(fields);
  } catch {
    return undefined;
  }
}

/** The path to remove so that an invalid field is gone: its own, or that of what needs it. */
function takenOut(fields: Fields, path: ScenarioPath): ScenarioPath {
  const inside = valueIn(fields, path.slice(0, -1));
  // Lists keep their positions: a list with one invalid value is removed whole.
  if (path.length > 1 && Array.isArray(inside)) return takenOut(fields, path.slice(0, -1));
  const isThere = inside !== undefined && Object.hasOwn(inside, path.at(-1)!);
  return isThere || placeholderOf(path, inside) !== undefined || path.length === 1
    ? path
    : path.slice(0, -1);
}

function remove(fields: Fields, path: ScenarioPath): void {
  const inside = valueIn(fields, path.slice(0, -1));
  if (inside !== undefined) Reflect.deleteProperty(inside, path.at(-1)!);
}

function replace(fields: Fields, path: ScenarioPath): void {
  const inside = valueIn(fields, path.slice(0, -1));
  const placeholder = placeholderOf(path, inside);
  if (placeholder === undefined) remove(fields, path);
  else inside![path.at(-1)!] = structuredClone(placeholder);
}

function placeholderOf(path: ScenarioPath, inside: Fields | undefined): unknown {
  if (inside === undefined) return undefined;
  const name = path.map((key) => (typeof key === 'number' ? '[]' : String(key))).join('.');
  if (Object.hasOwn(PLACEHOLDERS, name)) return PLACEHOLDERS[name];
  const group = variantsAt(path.slice(0, -1));
  return group && standIn(group, inside, path.at(-1)!);
}

/** The object or list at a path, if there is one. */
function valueIn(fields: Fields, path: ScenarioPath): Fields | undefined {
  return path.reduce<Fields | undefined>((at, key) => {
    // By its descriptor: reading an invalid field throws.
    const next: unknown = at && Object.getOwnPropertyDescriptor(at, key)?.value;
    return typeof next === 'object' && next !== null ? (next as Fields) : undefined;
  }, fields);
}

/** A scenario in which some fields throw a `SpoiltFieldError` when they are read. */
export function withoutSpoilt(scenario: Scenario, spoilt: readonly ScenarioPath[]): Scenario {
  if (spoilt.length === 0) return scenario;
  const copy = copyOf(scenario);
  for (const path of spoilt) {
    const inside = valueIn(copy, path.slice(0, -1));
    if (inside === undefined) continue;
    Object.defineProperty(inside, path.at(-1)!, {
      enumerable: true,
      configurable: true,
      get: () => {
        throw new SpoiltFieldError(`${path.join('.')} is wrong`);
      },
    });
  }
  return copy;
}

/** A copy all the way down; fields that throw stay so. */
function copyOf<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  const copy = (Array.isArray(value) ? [] : {}) as T;
  for (const [key, property] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
    if (Array.isArray(value) && key === 'length') continue;
    const copied =
      property.get === undefined
        ? { ...property, value: copyOf(property.value as unknown) }
        : property;
    Object.defineProperty(copy, key, { ...copied, configurable: true });
  }
  return copy;
}

/** Returns what is found, or nothing if that needs an invalid field. */
export function whereRight<T>(find: () => readonly T[]): readonly T[] {
  try {
    return find();
  } catch (error) {
    if (error instanceof SpoiltFieldError) return [];
    throw error;
  }
}
