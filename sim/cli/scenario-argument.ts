import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { parse, stringify } from 'yaml';
import { InputError, type Problem } from '../../src/errors.js';
import { suggestion } from '../../src/vocabulary.js';
import { readStandardInput, STANDARD_INPUT } from '../disk/files.js';
import { scenarioPath, shippedScenarios } from '../disk/shipped-scenarios.js';
import {
  loadScenario,
  loadScenarioObject,
  withLines,
  type LoadedScenario,
} from '../scenario/scenario.js';
import { pathOf, pathText, readYaml } from '../scenario/yaml-file.js';
import type { FieldValue, Parameters } from '../sweep/sweep-axes.js';
import { fieldProblem, withFields } from '../sweep/sweep-fields.js';
import type { CommandFiles } from './command-files.js';
import type { OptionReader } from './options.js';
import type { run as declared } from './run-options.js';

/** A field that the command line sets, and the option that sets it. */
interface Change {
  readonly field: string;
  readonly value: FieldValue;
  readonly option: string;
}

/** The fields of a scenario that the command line sets. */
export type Changes = readonly Change[];

/** Reads `--set`, `--policies` and `--seed`; complains of those that set no field, or one twice. */
export function changesOf(options: OptionReader<typeof declared>): Changes {
  const changes = options.get('--set').flatMap((text) => changeOf(text, options) ?? []);
  const policies = options.get('--policies');
  const given = options.get('--seed');
  const seed = options.isRight('--seed') ? given : undefined;
  const all = [
    ...changes,
    ...(policies === undefined
      ? []
      : [{ field: 'policies', value: listOf(policies), option: '--policies' }]),
    ...(seed === undefined ? [] : [{ field: 'seed', value: seed, option: '--seed' }]),
  ];
  all.forEach(({ field, option }, k) => {
    if (all.findIndex((other) => other.field === field) === k) return;
    options.complain(option, `${field} is set twice; keep one`);
  });
  return all;
}

function listOf(names: string): string[] {
  return names
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** `stragglers.0.slowdown=1.3`: entries of lists may be numbered like fields. */
function changeOf(text: string, options: OptionReader<typeof declared>): Change | undefined {
  const [, before = '', after = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  const field = before.trim().replaceAll(/\.(\d+)(?=[.[]|$)/g, '[$1]');
  const value = valueOf(after);
  const expected = 'expected a field and its value, such as pipeline.microbatches=48';
  const wrong =
    before === '' || value === undefined || value === null
      ? `found "${text}", ${expected}`
      : fieldProblem(field);
  if (wrong === undefined) return { field, value: value as FieldValue, option: `--set ${field}` };
  options.complain('--set', wrong);
  return undefined;
}

/** A value as YAML has it; undefined if it is invalid. */
function valueOf(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

/** A scenario that was given on the command line. */
export interface GivenScenario extends LoadedScenario {
  /** Its name in messages, to which files that it names are relative. */
  readonly path: string;
  /** Its text, with changes made. */
  readonly text: string;
  /** Adds the lines of its text, or the options that set its fields, to problems found later. */
  readonly locate: (error: InputError) => InputError;
}

/**
 * Reads a scenario that is given as a file, as the name of one that comes with the program, or as
 * `-`, standard input.
 * @throws InputError with every problem: the file's, those of changes, the scenario's.
 */
export function readGivenScenario(
  word: string,
  changes: Changes,
  files: CommandFiles,
): GivenScenario {
  const isStandardInput = word === '-';
  const path = isStandardInput ? STANDARD_INPUT : scenarioPath(word);
  if (!isStandardInput) checkName(word, path);
  const text = isStandardInput ? readStandardInput('scenario') : files.read(path, 'scenario');
  const plain = (error: InputError) => withLines(error, text, path);
  if (changes.length === 0) {
    return { ...loadScenario(text, path, files.library), path, text, locate: plain };
  }
  const { value } = readYaml(text, path);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ...loadScenario(text, path, files.library), path, text, locate: plain };
  }
  const locate = (error: InputError) => plain(ofOptions(error, path, changes));
  const changed = changedValue(value as Record<string, unknown>, changes);
  try {
    const loaded = loadScenarioObject(changed, path, files.library);
    return { ...loaded, path, text: changedText(path, changed, changes), locate };
  } catch (error) {
    throw error instanceof InputError ? locate(error) : error;
  }
}

/** @throws InputError if a word looks like a name, and there is no such scenario. */
function checkName(word: string, path: string): void {
  if (path !== word || existsSync(word) || !/^[\w-]+$/.test(word)) return;
  const names = shippedScenarios().map(({ name }) => name);
  throw InputError.of({
    source: word,
    message: `is neither a file nor the name of a scenario that comes with pipewatt${suggestion({ names }, word)}; pipewatt list scenarios names them`,
  });
}

/** @throws InputError if a field cannot be set in this scenario. */
function changedValue(value: Record<string, unknown>, changes: Changes): Record<string, unknown> {
  const parameters: Parameters = Object.fromEntries(
    changes.map((change) => [change.field, change.value]),
  );
  const { value: changed, problems } = withFields(value, parameters);
  if (problems.length === 0) return changed;
  throw new InputError(
    problems.map(({ field, message }) => ({ ...optionOf(field, changes), message })),
  );
}

function optionOf(field: string, changes: Changes): Pick<Problem, 'source' | 'field'> {
  const { option } = changes.find((change) => change.field === field)!;
  return { source: 'pipewatt run', field: option };
}

/** Problems of fields that were set are those of the options that set them. */
function ofOptions(error: InputError, path: string, changes: Changes): InputError {
  return new InputError(
    error.problems.map((problem): Problem => {
      const { source, field, line } = problem;
      if (source !== path || field === undefined || line !== undefined) return problem;
      const change = changes.find((each) => isWithin(field, each.field));
      return change === undefined ? problem : { ...problem, ...optionOf(change.field, changes) };
    }),
  );
}

/** Whether a field is another one, or a part of it. */
function isWithin(field: string, whole: string): boolean {
  const path = pathOf(field).slice(0, pathOf(whole).length);
  return pathText(path) === whole;
}

/** The scenario as a file, with a remark on where it comes from. */
function changedText(path: string, value: object, changes: Changes): string {
  const set = changes.map((change) => `${change.field}=${JSON.stringify(change.value)}`);
  return `# ${basename(path)} with ${set.join(', ')}\n${stringify(value)}`;
}
