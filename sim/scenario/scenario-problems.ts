import { z } from 'zod';
import { nearestName } from '../../src/nearest-name.js';
import { suggestion } from '../../src/vocabulary.js';
import { cut, quoted } from '../../src/problem-list.js';
import { expectedQuantity } from '../hardware/quantity-schema.js';
import { PARTITIONERS } from './scenario-schema.js';
import { vocabularyAt } from './scenario-vocabulary.js';
import { schemasAt, valueAt, type ScenarioPath } from './schema-paths.js';
import { anyVariant, variantOf, variantsAt, type Variant, type VariantGroup } from './variants.js';

export type { ScenarioPath } from './schema-paths.js';

/** A problem at one place of the scenario. */
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

/** A problem that the schema finds. */
export interface LocatedIssue extends ScenarioProblem {
  readonly isUnknownKey: boolean;
  /** Whether another field causes it, by requiring or excluding this one. */
  readonly isOfCombination: boolean;
}

/** Returns the schema's findings, worded for the author of the file. */
export function locatedIssues(issues: readonly Issue[], value: unknown): LocatedIssue[] {
  const namesAt = namesReader(value);
  return flatten(issues, value).map((issue) => {
    const isUnknownKey = issue.code === 'unrecognized_keys';
    const path = isUnknownKey ? [...issue.path, issue.keys[0]!] : [...issue.path];
    const ofVariant = isUnknownKey
      ? strayField(issue.keys[0]!, namesAt(issue.path))
      : missingField(path, value);
    return {
      path,
      message: ofVariant ?? messageOf(issue, value, namesAt),
      isUnknownKey,
      isOfCombination: ofVariant !== undefined,
    };
  });
}

/**
 * Returns one issue per unknown key; for a union, the issues of the closest branch, which is the one
 * the user meant; if a discriminator is invalid, the issues of each field by itself.
 */
function flatten(issues: readonly Issue[], value: unknown, prefix: ScenarioPath = []): Issue[] {
  return issues.flatMap((issue) => {
    const path = [...prefix, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ ...issue, keys: [key], path }));
    }
    if (issue.code !== 'invalid_union') return [{ ...issue, path }];
    if ('discriminator' in issue) {
      const place = path.slice(0, -1);
      const ofFields = anyVariant(variantsAt(place)!).safeParse(valueAt(value, place));
      return flatten(ofFields.error?.issues ?? [], value, place);
    }
    const ofRightType = issue.errors.filter(
      (branch) => !branch.some((i) => i.path.length === 0 && i.code === 'invalid_type'),
    );
    const closest = ofRightType.toSorted(
      (a, b) => flatten(a, value).length - flatten(b, value).length,
    )[0];
    return closest === undefined ? [{ ...issue, path }] : flatten(closest, value, path);
  });
}

/** The names allowed at a path, and those among them that are not used yet. */
interface Names {
  readonly allowed: readonly string[];
  readonly unused: readonly string[];
  /** If one field determines which others are allowed: all variants, and the present one. */
  readonly group: VariantGroup | undefined;
  readonly variant: Variant | undefined;
  /** Whether the variant is the default, because the scenario names none. */
  readonly isUnsaid: boolean;
}

/** Looks names up once for all unknown keys of an object. */
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
  const fields = valueAt(value, path) as Readonly<Record<string, unknown>>;
  const group = variantsAt(path);
  const variant = group && variantOf(group, fields);
  const allowed = variant === undefined ? allowedKeys(path) : Object.keys(variant.fields);
  const unused = allowed.filter((name) => !Object.hasOwn(fields, name));
  const isUnsaid = group !== undefined && fields[group.discriminator] === undefined;
  return { allowed, unused, group, variant, isUnsaid };
}

/** A field of another variant; undefined if no variant has it. */
function strayField(key: string, { group, variant, isUnsaid }: Names): string | undefined {
  if (variant === undefined) return undefined;
  const others = variantsWith(group!, key);
  if (others === '') return undefined;
  const { discriminator } = group!;
  const has = `has ${enumerated(variant.own)}`;
  return isUnsaid
    ? `does not go with ${discriminator} "${variant.name}", the default, which ${has}; it goes with ${others}`
    : `does not go with ${discriminator} "${variant.name}", which ${has}`;
}

/** The message for a missing field that only its variant needs; undefined for other problems. */
function missingField(path: ScenarioPath, value: unknown): string | undefined {
  if (path.length === 0 || valueAt(value, path) !== undefined) return undefined;
  const place = path.slice(0, -1);
  const group = variantsAt(place);
  const variant = group && variantOf(group, valueAt(value, place));
  return variant?.own.includes(String(path.at(-1))) === true
    ? `found nothing; ${group!.discriminator} "${variant.name}" needs it`
    : undefined;
}

/** The variants that have a field: `cause "busy", "stall" or "slow-link"`; empty if none has. */
function variantsWith({ discriminator, variants }: VariantGroup, field: string): string {
  const names = variants
    .filter(({ fields }) => Object.hasOwn(fields, field))
    .map(({ name }) => JSON.stringify(name));
  return names.length === 0 ? '' : `${discriminator} ${enumerated(names, 'or')}`;
}

function enumerated(names: readonly string[], word = 'and'): string {
  const last = names.at(-1)!;
  return names.length === 1 ? last : `${names.slice(0, -1).join(', ')} ${word} ${last}`;
}

function messageOf(issue: Issue, value: unknown, namesAt: (path: ScenarioPath) => Names): string {
  if (issue.code !== 'unrecognized_keys') {
    const found = valueAt(value, issue.path);
    return `found ${shown(found)}, expected ${expectation(issue)}${hintFor(issue, found)}`;
  }
  const key = issue.keys[0]!;
  const { allowed, unused, group, variant } = namesAt(issue.path);
  if (allowed.includes(key)) {
    return `does not go with the fields beside it: ${ALTERNATIVES[String(issue.path[0])] ?? 'choose one'}`;
  }
  const near = nearestName(key, unused);
  const ofOthers = group?.variants.flatMap(({ own }) => own) ?? [];
  const stray = near === undefined && variant ? nearestName(key, ofOthers) : undefined;
  const hint =
    near !== undefined
      ? `; did you mean "${near}"?`
      : stray !== undefined
        ? `; did you mean "${stray}", which goes with ${variantsWith(group!, stray)}?`
        : `; there are ${allowed.join(', ')}`;
  return `is not a field ${issue.path.length === 0 ? 'of a scenario' : 'here'}${hint}`;
}

/** The allowed name that was probably meant. */
function hintFor(issue: Issue, found: unknown): string {
  const vocabulary = vocabularyAt(issue.path);
  return typeof found === 'string' && vocabulary !== undefined ? suggestion(vocabulary, found) : '';
}

/** The allowed forms of fields that have several. */
const UNIONS: Readonly<Record<string, string>> = {
  profile:
    '{catalog: NAME}, or {csv: FILE, blockingPowerW: W}, or {model: NAME, gpu: NAME, microbatch: N}',
  imbalance: '{factors: [...]}, or {layers: {...}, profiled: {...}}',
  'signals.price': 'a file, or {csv: FILE, column: NAME, only: [TEXT], unit: EUR/MWh}',
  'signals.carbon': 'a file, or {csv: FILE, column: NAME, only: [TEXT], unit: g/kWh}',
  'signals.cap': 'a file, or {csv: FILE, column: NAME, only: [TEXT], unit: MW}',
  'signals.work': '{iterations: N}, or {tokens: N}',
  'signals.objective': 'money, carbon, energy, or {money: WEIGHT, carbon: WEIGHT}',
  'signals.from': 'a date such as 2026-03-01T06:00Z, or seconds',
  'signals.until': 'a date such as 2026-03-01T06:00Z, or seconds',
  'imbalance.partition': `one of ${PARTITIONERS.join(', ')}, or the number of layers of each stage`,
};

/** Everyday names for the types of YAML values. */
const TYPE_WORDS: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  object: 'fields with values (key: value)',
  array: 'a list',
};

/** The allowed values of the field that an issue is about. */
export function expectation(issue: Issue): string {
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

/** Names allowed at a path; for a union, those of all branches. */
function allowedKeys(path: ScenarioPath): string[] {
  const keys = schemasAt(path).flatMap((schema) =>
    schema instanceof z.ZodObject ? Object.keys(schema.shape) : [],
  );
  return [...new Set(keys)];
}

function shown(found: unknown): string {
  if (found === undefined) return 'nothing';
  if (typeof found === 'string') return quoted(found);
  // YAML has the numbers .nan and .inf; JSON does not.
  if (typeof found === 'number') return String(found);
  try {
    return cut(JSON.stringify(found));
  } catch {
    // With an anchor and an alias, a value can contain itself.
    return 'a value that contains itself';
  }
}
