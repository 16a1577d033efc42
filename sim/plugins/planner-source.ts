import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InputError } from '../../src/errors.js';
import { suggestion, understood } from '../../src/vocabulary.js';
import {
  PLANNER_INTERFACE_VERSION,
  type ModulePlans,
  type ModuleProblem,
  type PlanDocument,
  type PlannerModule,
  type PlanningProblem,
  type UncheckedPlanner,
} from '../../src/planner/planner.js';
import { POLICIES } from '../../src/planner/policies.js';
import {
  POLICY_NAMES,
  POLICY_VOCABULARY,
  type PolicyName,
} from '../../src/planner/policy-names.js';
import { commandPlanner } from './command-planner.js';
import { plansFromDocument } from './planner-json.js';

/** The source of a planner: plain data, so that a worker can load it. */
export type PlannerSource =
  | { readonly kind: 'built-in'; readonly name: PolicyName }
  /** A module whose default export, or export `planner`, is a `PlannerModule`. */
  | { readonly kind: 'module'; readonly url: string }
  /** A program that reads a problem as JSON and writes plans. */
  | { readonly kind: 'command'; readonly command: string; readonly timeLimitS: number };

/** Whether this Node.js strips types when it loads a module: 22.18, 23.6 and later do. */
export function readsTypeScript(): boolean {
  const { typescript = false } = process.features as { readonly typescript?: string | false };
  return typescript !== false;
}

/**
 * Finds the planner that a user named: a built-in planner, a JavaScript or TypeScript file, an npm
 * package of the user's project, a program, or a command line, recognised by a space.
 *
 * @param where the name is written, for messages.
 * @param project the folder with the packages.
 * @throws InputError if nothing has that name.
 */
export function findPlanner(
  text: string,
  where: { readonly source: string; readonly field: string },
  timeLimitS: number,
  project = '.',
): PlannerSource {
  const known = isFile(text) ? undefined : understood(POLICY_VOCABULARY, text);
  if (known !== undefined) return { kind: 'built-in', name: known };
  const wrong = (message: string) => InputError.of({ ...where, message });
  const canBeLoaded = readsTypeScript() ? /\.[cm]?[jt]s$/ : /\.[cm]?js$/;
  if (canBeLoaded.test(text) && isFile(text)) {
    return { kind: 'module', url: pathToFileURL(resolve(text)).href };
  }
  if (/\.[cm]?ts$/.test(text) && isFile(text)) {
    const compiled = text.replace(/ts$/, 'js');
    throw wrong(
      `found TypeScript, which Node.js ${process.versions.node} does not read; compile it with "npx tsc --module nodenext --target es2022 ${text}", and name ${compiled}`,
    );
  }
  if (isFile(text) && isExecutable(text)) {
    return { kind: 'command', command: `'${resolve(text).replaceAll("'", `'\\''`)}'`, timeLimitS };
  }
  if (isFile(text)) {
    throw wrong(`found ${text}, which is neither a .js file nor an executable program`);
  }
  if (existsSync(text) && isPath(text)) {
    throw wrong(`found ${text}, which is not a regular file; expected a .js file or a program`);
  }
  if (text.trim().includes(' ')) return { kind: 'command', command: text.trim(), timeLimitS };
  if (/\.[cm]?[jt]s$/.test(text) || isPath(text)) throw wrong(`there is no file ${text}`);
  const url = packageUrl(text, project);
  if (url !== undefined) return { kind: 'module', url };
  const hint = suggestion(POLICY_VOCABULARY, text);
  throw wrong(
    `found "${text}", expected ${POLICY_NAMES.join(', ')}, a .js file, an npm package, or a command with its arguments${hint}`,
  );
}

/** A path through a file, or with a zero byte, does not exist; this is not an error of ours. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Whether a name is a path: then it is not a package, whatever exists there. */
function isPath(text: string): boolean {
  return isAbsolute(text) || /^\.{1,2}([/\\]|$)/.test(text) || text.startsWith('file:');
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** From a package of the user's project, not of this program; undefined if there is none. */
function packageUrl(name: string, project: string): string | undefined {
  const ofProject = createRequire(resolve(project, 'package.json'));
  try {
    const file = ofProject.resolve(name);
    // Modules built into Node.js have no file.
    return isFile(file) ? pathToFileURL(file).href : undefined;
  } catch {
    // Packages that can only be imported are not found by `require`'s resolution.
    for (const folder of ofProject.resolve.paths(name) ?? []) {
      const about = join(folder, name, 'package.json');
      if (!existsSync(about)) continue;
      const { exports } = JSON.parse(readFileSync(about, 'utf8')) as { exports?: unknown };
      const file = importedFile(exports);
      if (file !== undefined) return pathToFileURL(join(folder, name, file)).href;
    }
    return undefined;
  }
}

/**
 * The file that `import` of the package's own name resolves to, by the `exports` of its
 * package.json.
 */
function importedFile(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports;
  if (typeof exports !== 'object' || exports === null) return undefined;
  const conditions = exports as Record<string, unknown>;
  for (const condition of ['.', 'node', 'import', 'default']) {
    const file = importedFile(conditions[condition]);
    if (file !== undefined) return file;
  }
  return undefined;
}

/**
 * Loads a planner.
 * @throws InputError if a module cannot be loaded or exports no planner.
 */
export async function loadPlanner(source: PlannerSource): Promise<UncheckedPlanner> {
  if (source.kind === 'built-in') return POLICIES[source.name];
  if (source.kind === 'command') return commandPlanner(source.command, source.timeLimitS);
  const found = await importModule(source.url);
  const planner = found['planner'] ?? found['default'];
  if (!isPlanner(planner)) {
    throw InputError.of({
      source: source.url,
      message:
        'exports no planner; expected an export "planner" or a default export: { name: string, plan(problem) }',
    });
  }
  return plannerOfModule(planner, { source: source.url, field: 'interfaceVersion' });
}

/**
 * A module's planner, with plans built from its document if it returns one.
 * @param where the place of its version, for the message.
 * @throws InputError if it was written for another version of the interface.
 */
export function plannerOfModule(
  planner: PlannerModule,
  where: { readonly source: string; readonly field: string },
): UncheckedPlanner {
  const { interfaceVersion = PLANNER_INTERFACE_VERSION } = planner;
  if (interfaceVersion !== PLANNER_INTERFACE_VERSION) {
    throw InputError.of({
      ...where,
      message: `found ${interfaceVersion}, expected ${PLANNER_INTERFACE_VERSION}, the only version that this pipewatt supports`,
    });
  }
  return {
    name: planner.name,
    plan: (problem) => {
      const plans = planner.plan(moduleProblem(problem));
      return isDocument(plans) ? plansFromDocument(plans, problem) : plans;
    },
  };
}

/** The problem, with its lags also under the names of version 1. */
function moduleProblem(problem: PlanningProblem): ModuleProblem {
  const { lags } = problem;
  return lags === undefined ? problem : { ...problem, lagTicks: lags.ticks, lagS: lags.exactS };
}

/** Whether a module answered with a document. The answer may also be something else. */
function isDocument(value: ModulePlans | PlanDocument | null): value is PlanDocument {
  return typeof value === 'object' && value !== null && 'version' in value && 'plans' in value;
}

async function importModule(url: string): Promise<Record<string, unknown>> {
  try {
    return (await import(url)) as Record<string, unknown>;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw InputError.of({ source: url, message: `cannot be loaded: ${why.split('\n')[0]!}` });
  }
}

/** Whether a value is a planner as exported by modules. */
export function isPlanner(value: unknown): value is PlannerModule {
  if (typeof value !== 'object' || value === null) return false;
  const { name, plan } = value as Partial<Record<keyof PlannerModule, unknown>>;
  return typeof name === 'string' && typeof plan === 'function';
}
