import { LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { InputError, type Problem } from '../../src/errors.js';
import { nearestName } from '../../src/nearest-name.js';
import { scenarioSchema, type Scenario } from './scenario-schema.js';

/**
 * Reads a scenario from YAML.
 *
 * @param source name of the file, for messages.
 * @throws InputError with every problem: line, path, what was found and what is allowed.
 */
export function parseScenario(text: string, source: string): Scenario {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    throw new InputError(
      document.errors.map((error) => ({
        source,
        line: lines.linePos(error.pos[0]).line,
        message: `not readable as YAML: ${error.message}`,
      })),
    );
  }
  const value: unknown = document.toJS();
  if (value === null || value === undefined) {
    throw InputError.of({
      source,
      message: 'the file is empty; a scenario needs at least a name, a profile and a pipeline',
    });
  }
  const parsed = scenarioSchema.safeParse(value);
  const where = (path: readonly PropertyKey[]) => lineOf(document, lines, path);
  if (!parsed.success) {
    throw new InputError(
      flatten(parsed.error.issues).map((issue) => problemOf(issue, value, source, where)),
    );
  }
  const problems = contradictions(parsed.data).map(({ path, message }) => ({
    source,
    ...where(path),
    field: pathText(path),
    message,
  }));
  if (problems.length > 0) throw new InputError(problems);
  return parsed.data;
}

type Issue = z.core.$ZodIssue;
type Where = (path: readonly PropertyKey[]) => { line?: number };

/** Of a union the branch that comes closest is the one the user meant; report its issues. */
function flatten(issues: readonly Issue[], prefix: readonly PropertyKey[] = []): Issue[] {
  return issues.flatMap((issue) => {
    const path = [...prefix, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ ...issue, keys: [key], path }));
    }
    if (issue.code !== 'invalid_union') return [{ ...issue, path }];
    const branches = issue.errors.filter((branch) => branch.length > 0);
    const typed = branches.filter(
      (branch) => !branch.some((i) => i.path.length === 0 && i.code === 'invalid_type'),
    );
    const closest = (typed.length > 0 ? typed : branches).toSorted(
      (a, b) => a.length - b.length,
    )[0];
    if (closest === undefined || typed.length === 0) return [{ ...issue, path }];
    return flatten(closest, path);
  });
}

function problemOf(issue: Issue, value: unknown, source: string, where: Where): Problem {
  const unknownKey = issue.code === 'unrecognized_keys' ? issue.keys[0]! : undefined;
  const path = unknownKey === undefined ? issue.path : [...issue.path, unknownKey];
  return {
    source,
    ...where(path),
    field: path.length === 0 ? 'the whole file' : pathText(path),
    message: messageOf(issue, valueAt(value, path)),
  };
}

function messageOf(issue: Issue, found: unknown): string {
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0]!;
    const allowed = allowedKeys(issue.path);
    if (allowed.includes(key)) {
      return 'does not go with the fields beside it: a profile is either a catalog entry, or a csv with its blockingPowerW';
    }
    const near = nearestName(key, allowed);
    const hint = near === undefined ? '' : `; did you mean "${near}"?`;
    return `is not a field of a scenario${hint}`;
  }
  const what = found === undefined ? 'nothing' : JSON.stringify(found);
  return `found ${what}, expected ${expectation(issue)}`;
}

function expectation(issue: Issue): string {
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
      return `a number of at most ${issue.maximum}`;
    case 'invalid_union':
      return issue.path[0] === 'profile'
        ? '{catalog: NAME}, or {csv: FILE, blockingPowerW: W}'
        : 'a number, or a list of numbers';
    default:
      return issue.message;
  }
}

/** What people call the types of YAML values. */
const TYPE_WORDS: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  object: 'fields with values (key: value)',
  array: 'a list',
};

/** Names allowed at a path, from the schema itself. */
function allowedKeys(path: readonly PropertyKey[]): string[] {
  const keys: Record<string, string[]> = {
    '': Object.keys(scenarioSchema.shape),
    profile: ['catalog', 'csv', 'blockingPowerW'],
    pipeline: Object.keys(scenarioSchema.shape.pipeline.shape),
    timing: ['loadingS', 'transferS', 'iterationConstantS'],
    stragglers: ['pipeline', 'slowdown', 'cause'],
  };
  return keys[String(path[0] ?? '')] ?? [];
}

/** What the schema cannot say: fields that contradict each other. */
function contradictions(scenario: Scenario): { path: PropertyKey[]; message: string }[] {
  const { stages } = scenario.pipeline;
  const found: { path: PropertyKey[]; message: string }[] = [];
  const listLength = (key: 'loadingS' | 'transferS', expected: number, of: string) => {
    const list = scenario.timing[key];
    if (Array.isArray(list) && list.length !== expected) {
      found.push({
        path: ['timing', key],
        message: `found ${list.length} numbers, expected ${expected}: one per ${of}`,
      });
    }
  };
  listLength('loadingS', stages, 'stage');
  listLength('transferS', stages - 1, 'link between neighbouring stages');
  const seen = new Set<number>();
  scenario.stragglers.forEach(({ pipeline }, k) => {
    const path = ['stragglers', k, 'pipeline'];
    if (pipeline >= scenario.pipelines) {
      found.push({
        path,
        message: `found ${pipeline}, expected a number below ${scenario.pipelines}, the number of pipelines`,
      });
    }
    if (seen.has(pipeline)) {
      found.push({ path, message: `pipeline ${pipeline} is a straggler already; name it once` });
    }
    seen.add(pipeline);
  });
  if (!scenario.policies.includes('max-frequency')) {
    found.push({
      path: ['policies'],
      message: 'lacks "max-frequency", which every saving is compared with; add it',
    });
  }
  return found;
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) =>
      typeof key === 'number'
        ? `${text}[${key}]`
        : text === ''
          ? String(key)
          : `${text}.${String(key)}`,
    '',
  );
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      at === null || typeof at !== 'object' ? undefined : (at as Record<PropertyKey, unknown>)[key],
    value,
  );
}

/** Line of the innermost part of a path that the file has. */
function lineOf(
  document: Document,
  lines: LineCounter,
  path: readonly PropertyKey[],
): { line?: number } {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as
      { range?: [number, number, number] } | undefined;
    if (node?.range) return { line: lines.linePos(node.range[0]).line };
  }
  return {};
}
