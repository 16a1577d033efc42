import type { z } from 'zod';
import { InputError, type Problem } from '../../src/errors.js';
import { nearestName } from '../../src/nearest-name.js';
import { foundValue } from '../../src/problem-list.js';
import { SEED } from './seed-field.js';
import {
  axisProblem,
  combine,
  matches,
  MOST_RUNS,
  sweepSchema,
  valuesOf,
  type PlacedAxis,
} from './sweep-axes.js';
import { checkedRuns, type Base, type SweepRun, type SweepSurroundings } from './sweep-runs.js';
import { fieldProblem } from './sweep-fields.js';
import { lineOf, pathText, readYaml, type YamlFile } from '../scenario/yaml-file.js';

/** A sweep, written out. */
export interface Sweep {
  readonly name: string;
  /** Fields that vary, in order; the seed last, if there are several. */
  readonly fields: readonly string[];
  readonly runs: readonly SweepRun[];
}

/**
 * Reads a sweep: a base scenario, and the values that its fields take.
 *
 * @param source name of the file, for messages.
 * @throws InputError with every problem: of the file, of the base, and of invalid runs.
 */
export function parseSweep(text: string, source: string, around: SweepSurroundings): Sweep {
  const file = readYaml(text, source);
  const problems: Problem[] = [];
  const refuse = (path: readonly PropertyKey[], message: string) => {
    const field = path.length === 0 ? 'the whole file' : pathText(path);
    problems.push({ source, ...lineOf(file, path), field, message });
  };
  const { content, spoilt } = usableContent(file, refuse);
  const noFields = refusedFields(file.value, refuse);
  const groups = usableGroups(content, noFields, refuse, spoilt);
  const axes = groups.flat();
  checkExcludes(content, groups, refuse, spoilt.size > 0);
  const base = baseOf(content.base, around, problems);
  const runs =
    base === undefined || tooMany(groups, content.seeds, refuse)
      ? []
      : checkedRuns(
          combine(groups).filter(
            (parameters) => !content.exclude.some((pattern) => matches(parameters, pattern)),
          ),
          { base, axes, seeds: content.seeds, spoilt, file, source, around },
          problems,
        );
  if (problems.length === 0 && runs.length === 0) refuse(['exclude'], 'leaves no runs');
  if (problems.length > 0) {
    throw new InputError(problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)));
  }
  const seed = content.seeds > 1 ? [SEED] : [];
  return { name: content.name, fields: [...axes.map(({ field }) => field), ...seed], runs };
}

type Content = Omit<z.output<typeof sweepSchema>, 'base'> & {
  readonly base: string | Record<string, unknown> | undefined;
};

type Refuse = (path: readonly PropertyKey[], message: string) => void;

/**
 * The valid part of a file, so that the rest can still be checked.
 * @returns spoilt: fields that should vary, with unknown values.
 */
function usableContent(file: YamlFile, refuse: Refuse): { content: Content; spoilt: Set<string> } {
  const value = file.value ?? {};
  const spoilt = new Set<string>();
  const parsed = sweepSchema.safeParse(value);
  if (parsed.success) return { content: parsed.data, spoilt };
  for (const issue of parsed.error.issues) refuseIssue(issue, value, refuse);
  const isPlain = typeof value === 'object' && !Array.isArray(value);
  const mended = isPlain ? (structuredClone(value) as Record<string, unknown>) : {};
  for (const { path, code } of parsed.error.issues) {
    if (code === 'unrecognized_keys' && path.length === 0) continue;
    const [top, part] = path;
    if (top === 'matrix' && part !== undefined) spoilt.add(String(part));
    const group = top === 'zip' && part !== undefined ? (mended['zip'] as unknown[]) : undefined;
    for (const field of Object.keys(group?.[part as number] ?? {})) spoilt.add(field);
    const inside = path.length > 1 ? (mended[String(top)] as object) : mended;
    Reflect.deleteProperty(inside, path.length > 1 ? part! : String(top));
  }
  // Not a field of the sweep; already reported.
  const known = Object.entries(mended).filter(([key]) => key in sweepSchema.shape);
  const { name = 'unnamed', base, ...others } = Object.fromEntries(known);
  for (const key of ['zip', 'exclude']) {
    if (Array.isArray(others[key])) others[key] = others[key].filter((part) => part !== undefined);
  }
  const content = sweepSchema.parse({ ...others, name, base: base ?? {} });
  return { content: { ...content, base: base === undefined ? undefined : content.base }, spoilt };
}

function refuseIssue(issue: z.core.$ZodIssue, value: unknown, refuse: Refuse): void {
  if (issue.code === 'unrecognized_keys' && issue.path.length === 0) {
    const names = Object.keys(sweepSchema.shape);
    for (const key of issue.keys) {
      const near = nearestName(key, names);
      const hint = near === undefined ? `there are ${names.join(', ')}` : `did you mean "${near}"?`;
      refuse([key], `is not a field of a sweep; ${hint}`);
    }
    return;
  }
  const at = issue.path.reduce<unknown>(
    (inside, part) =>
      typeof inside === 'object' && inside !== null
        ? (inside as Record<PropertyKey, unknown>)[part]
        : undefined,
    value,
  );
  const found = foundValue(at);
  refuse(issue.path, `found ${found}, expected ${expectationOf(issue)}`);
}

function expectationOf({ path: [top, part, field] }: z.core.$ZodIssue): string {
  if (top === undefined) return 'fields: name, base, matrix and others';
  if (top === 'name') return 'a name of letters, digits, dots and dashes';
  if (top === 'description') return 'a text';
  if (top === 'base') return "a scenario's file, or a scenario";
  if (top === 'seeds') return 'a whole number from 1 to 10000';
  if (top === 'exclude') return part === undefined ? 'a list of {field: value}' : '{field: value}';
  if (part === undefined || (top === 'zip' && field === undefined)) {
    return top === 'zip' ? 'groups of {field: values}' : '{field: values}';
  }
  return 'a list of values, or {from, to, step or count, scale: linear or log}';
}

/**
 * Refuses varied names that are not the path of a field. Reads the file itself: the schema skips
 * some of the names that every object inherits.
 */
function refusedFields(value: unknown, refuse: Refuse): ReadonlySet<string> {
  const { matrix, zip } = (value ?? {}) as { readonly matrix?: unknown; readonly zip?: unknown };
  const axes = [
    { at: ['matrix'], group: matrix },
    ...(Array.isArray(zip) ? zip.map((group: unknown, k) => ({ at: ['zip', k], group })) : []),
  ];
  const refused = new Set<string>();
  for (const { at, group } of axes) {
    for (const field of Object.keys(group ?? {})) {
      const message = Array.isArray(group) ? undefined : fieldProblem(field);
      if (message === undefined) continue;
      refused.add(field);
      refuse([...at, field], message);
    }
  }
  return refused;
}

/** The valid axes: those that vary alone, and groups that vary together. */
function usableGroups(
  content: Content,
  noFields: ReadonlySet<string>,
  refuse: Refuse,
  spoilt: Set<string>,
): PlacedAxis[][] {
  const groups: PlacedAxis[][] = [
    ...Object.entries(content.matrix).map(([field, axis]) => [
      { field, axis, path: ['matrix', field] },
    ]),
    ...content.zip.map((axes, k) =>
      Object.entries(axes).map(([field, axis]) => ({ field, axis, path: ['zip', k, field] })),
    ),
  ];
  const seen = new Set<string>();
  return groups.filter((group) => {
    if (group.some(({ field }) => noFields.has(field))) return false;
    const problems = group.flatMap(({ field, axis, path }): [PlacedAxis['path'], string][] => {
      const isTwice = seen.has(field) || (field === SEED && content.seeds > 1);
      seen.add(field);
      if (isTwice) return [[path, 'varies twice; keep one']];
      // Values of fields that vary together may repeat.
      const wrong = group.length > 1 && Array.isArray(axis) ? undefined : axisProblem(axis);
      return wrong === undefined ? [] : [[path, wrong]];
    });
    const isCountable = group.every(({ axis }) => Array.isArray(axis) || !axisProblem(axis));
    const lengths = isCountable ? group.map(({ axis }) => valuesOf(axis).length) : [];
    if (new Set(lengths).size > 1) {
      const message = `found lists of ${lengths.join(' and ')} values, expected equal lengths`;
      problems.push([group[0]!.path.slice(0, 2), message]);
    }
    for (const [path, message] of problems) refuse(path, message);
    if (problems.length > 0) for (const { field } of group) spoilt.add(field);
    return problems.length === 0;
  });
}

function tooMany(groups: PlacedAxis[][], seeds: number, refuse: Refuse): boolean {
  const runs = groups.reduce((n, [axis]) => n * valuesOf(axis!.axis).length, seeds);
  if (runs <= MOST_RUNS) return false;
  refuse(['matrix'], `makes ${runs} runs, expected at most ${MOST_RUNS}`);
  return true;
}

/** An exclude that never applies is a typing error. */
function checkExcludes(
  { exclude }: Content,
  groups: readonly (readonly PlacedAxis[])[],
  refuse: Refuse,
  isSpoilt: boolean,
): void {
  const fields = groups.flat().map(({ field }) => field);
  exclude.forEach((pattern, k) => {
    const unknown = Object.keys(pattern).filter((field) => !fields.includes(field));
    if (isSpoilt) return;
    for (const field of unknown) {
      const near = nearestName(field, fields);
      const hint = near === undefined ? '' : `; did you mean "${near}"?`;
      refuse(['exclude', k, field], `does not vary here${hint}`);
    }
    const applies = groups.every((group) => {
      const asked = group.filter(({ field }) => Object.hasOwn(pattern, field));
      return combine([asked]).some((values) => matches(pattern, values)) || asked.length === 0;
    });
    if (unknown.length === 0 && !applies) {
      refuse(['exclude', k], 'applies to no run: the fields never have these values together');
    }
  });
}

function baseOf(
  base: Content['base'],
  { readBase }: SweepSurroundings,
  problems: Problem[],
): Base | undefined {
  if (base === undefined || typeof base !== 'string') {
    return base === undefined ? undefined : { value: base };
  }
  try {
    const { text, source } = readBase(base);
    const file = readYaml(text, source);
    const { value } = file;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw InputError.of({ source, message: 'is not a scenario' });
    }
    return { value: besideSweep(value as Record<string, unknown>, base), file, source };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    for (const problem of error.problems) problems.push(problem);
    return undefined;
  }
}

/** Files that a base names are relative to the base, which may be in another folder than the sweep. */
function besideSweep(value: Record<string, unknown>, base: string): Record<string, unknown> {
  const folder = base.slice(0, base.lastIndexOf('/') + 1);
  const profile = value['profile'];
  if (folder === '' || typeof profile !== 'object' || profile === null) return value;
  const moved = Object.entries(profile).map(([key, name]: [string, unknown]) => {
    const isFile = typeof name === 'string' && (key === 'csv' || /\.ya?ml$/.test(name));
    return [key, isFile && !name.startsWith('/') ? `${folder}${name}` : name];
  });
  return { ...value, profile: Object.fromEntries(moved) as unknown };
}
