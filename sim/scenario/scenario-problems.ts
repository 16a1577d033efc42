import { z } from 'zod';
import { nearestName } from '../../src/nearest-name.js';
import { suggestion } from '../../src/vocabulary.js';
import { cut, quoted } from '../../src/problem-list.js';
import { expectedQuantity } from '../hardware/quantity-schema.js';
import { PARTITIONERS, scenarioSchema } from './scenario-schema.js';
import { vocabularyAt } from './scenario-vocabulary.js';

/** A place in a scenario: keys and list positions from the outside inwards. */
export type ScenarioPath = readonly PropertyKey[];

/** What is wrong at a place. */
export interface ScenarioProblem {
  readonly path: ScenarioPath;
  readonly message: string;
}

type Issue = z.core.$ZodIssue;

/** Fields that are one thing or another. */
const ALTERNATIVES: Readonly<Record<string, string>> = {
  profile:
    'a profile is either a catalog entry, or a csv with its blockingPowerW, or a model, a gpu and a microbatch',
  imbalance: 'an imbalance is either factors, or layers with their partition and what was profiled',
};

/** A problem that the schema finds; a field that is unknown is no less known without it. */
export interface LocatedIssue extends ScenarioProblem {
  readonly isUnknownKey: boolean;
}

/** What the schema finds wrong, in words for the people who wrote the file. */
export function locatedIssues(issues: readonly Issue[], value: unknown): LocatedIssue[] {
  const namesAt = namesReader(value);
  return flatten(issues).map((issue) => {
    const isUnknownKey = issue.code === 'unrecognized_keys';
    const path = isUnknownKey ? [...issue.path, issue.keys[0]!] : [...issue.path];
    return { path, message: messageOf(issue, value, namesAt), isUnknownKey };
  });
}

/**
 * One issue per unknown key; of a union those of the branch that comes closest, which is the one
 * the user meant.
 */
function flatten(issues: readonly Issue[], prefix: ScenarioPath = []): Issue[] {
  return issues.flatMap((issue) => {
    const path = [...prefix, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ ...issue, keys: [key], path }));
    }
    if (issue.code !== 'invalid_union') return [{ ...issue, path }];
    const ofRightType = issue.errors.filter(
      (branch) => !branch.some((i) => i.path.length === 0 && i.code === 'invalid_type'),
    );
    const closest = ofRightType.toSorted((a, b) => flatten(a).length - flatten(b).length)[0];
    return closest === undefined ? [{ ...issue, path }] : flatten(closest, path);
  });
}

/** The names that may be used at a path, and of them those that are not used there. */
interface Names {
  readonly allowed: readonly string[];
  readonly unused: readonly string[];
}

/** Looks names up once for all the unknown ones beside each other. */
function namesReader(value: unknown): (path: ScenarioPath) => Names {
  const known = new Map<string, Names>();
  return (path) => {
    const key = path.map(String).join('.');
    const found = known.get(key) ?? namesOf(path, value);
    known.set(key, found);
    return found;
  };
}

function namesOf(path: ScenarioPath, value: unknown): Names {
  const allowed = allowedKeys(path);
  const used = new Set(Object.keys(valueAt(value, path) as object));
  return { allowed, unused: allowed.filter((name) => !used.has(name)) };
}

function messageOf(issue: Issue, value: unknown, namesAt: (path: ScenarioPath) => Names): string {
  if (issue.code !== 'unrecognized_keys') {
    const found = valueAt(value, issue.path);
    return `found ${shown(found)}, expected ${expectation(issue)}${hintFor(issue, found)}`;
  }
  const key = issue.keys[0]!;
  const { allowed, unused } = namesAt(issue.path);
  if (allowed.includes(key)) {
    return `does not go with the fields beside it: ${ALTERNATIVES[String(issue.path[0])] ?? 'choose one'}`;
  }
  const near = nearestName(key, unused);
  const hint =
    near === undefined ? `; there are ${allowed.join(', ')}` : `; did you mean "${near}"?`;
  return `is not a field ${issue.path.length === 0 ? 'of a scenario' : 'here'}${hint}`;
}

/** What was probably meant by a name that is none of a few. */
function hintFor(issue: Issue, found: unknown): string {
  const vocabulary = vocabularyAt(issue.path);
  return typeof found === 'string' && vocabulary !== undefined ? suggestion(vocabulary, found) : '';
}

/** What a field may be that is one of several things. */
const UNIONS: Readonly<Record<string, string>> = {
  profile:
    '{catalog: NAME}, or {csv: FILE, blockingPowerW: W}, or {model: NAME, gpu: NAME, microbatch: N}',
  imbalance: '{factors: [...]}, or {layers: {...}, profiled: {...}}',
  'imbalance.partition': `one of ${PARTITIONERS.join(', ')}, or the number of layers of each stage`,
};

/** What people call the types of YAML values. */
const TYPE_WORDS: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  object: 'fields with values (key: value)',
  array: 'a list',
};

function expectation(issue: Issue): string {
  const ofQuantity = expectedQuantity(issue);
  if (ofQuantity !== undefined) return ofQuantity;
  switch (issue.code) {
    case 'invalid_type':
      return TYPE_WORDS[issue.expected] ?? `a value of type ${issue.expected}`;
    case 'invalid_value':
      return `one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'too_small':
      if (issue.origin === 'string') return 'a text that is not empty';
      if (issue.origin === 'array') return 'a list of at least one entry';
      return `a number ${issue.inclusive ? 'of at least' : 'above'} ${issue.minimum}`;
    case 'too_big':
      return `a number ${issue.inclusive ? 'of at most' : 'below'} ${issue.maximum}`;
    case 'invalid_union':
      return UNIONS[issue.path.join('.')] ?? 'a number, or a list of numbers';
    default:
      return issue.message;
  }
}

/** Names allowed at a path; of a union those of all branches. */
function allowedKeys(path: ScenarioPath): string[] {
  const found = path.reduce<unknown[]>(
    (schemas, key) => schemas.flatMap((at) => inside(at, key)),
    [scenarioSchema],
  );
  return found.flatMap(branches).flatMap((schema) => {
    return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  });
}

/** What a schema says of one of its fields or entries. */
function inside(schema: unknown, key: PropertyKey): unknown[] {
  return branches(schema).flatMap((branch): unknown[] => {
    if (branch instanceof z.ZodArray) return [branch.element];
    if (!(branch instanceof z.ZodObject)) return [];
    const field: unknown = branch.shape[String(key)];
    return field === undefined ? [] : [field];
  });
}

/** A schema without its defaults, and of a union all that it may be. */
function branches(schema: unknown): unknown[] {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return branches(schema.unwrap());
  }
  return schema instanceof z.ZodUnion ? schema.options.flatMap(branches) : [schema];
}

function valueAt(value: unknown, path: ScenarioPath): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      at === null || typeof at !== 'object' ? undefined : (at as Record<PropertyKey, unknown>)[key],
    value,
  );
}

function shown(found: unknown): string {
  if (found === undefined) return 'nothing';
  if (typeof found === 'string') return quoted(found);
  // .nan and .inf are numbers of YAML's that JSON does not know.
  if (typeof found === 'number') return String(found);
  try {
    return cut(JSON.stringify(found));
  } catch {
    // By an anchor and an alias a value may hold itself.
    return 'a value that holds itself';
  }
}
