import { readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { InputError } from '../../src/errors.js';
import { suggestion, understood } from '../../src/vocabulary.js';
import { readUserFile } from '../disk/files.js';
import type { GivenScenario } from '../library/lasting-runs.js';

/** The scenarios that come with the program; this file runs as dist/sim/cli/serve-json-scenario.js. */
const SCENARIOS = fileURLToPath(new URL('../../../scenarios/', import.meta.url));

/** Folders of other files than scenarios. */
const OTHERS = new Set(['catalog', 'published', 'signals', 'sites', 'sweeps']);

/** The fields of parameters that name a scenario: one of the first four. */
export const SCENARIO_FIELDS = {
  scenario: z.record(z.string(), z.unknown()).optional(),
  yaml: z.string().optional(),
  file: z.string().min(1).optional(),
  name: z.string().min(1).optional(),
  /** Files that a scenario names are relative to it; default: the working directory. */
  folder: z.string().min(1).optional(),
};

type ScenarioFields = z.output<z.ZodObject<typeof SCENARIO_FIELDS>>;

/** Names of the scenarios that come with the program, sorted. */
export function scenarioNames(): string[] {
  return [...scenarioFiles().keys()].sort();
}

/**
 * The scenario that parameters name.
 * @param call the method, for messages.
 * @throws InputError unless they name one.
 */
export function givenScenario(fields: ScenarioFields, call: string): GivenScenario {
  const { scenario, yaml, file, name, folder = '.' } = fields;
  const given = Object.entries({ scenario, yaml, file, name }).filter(([, v]) => v !== undefined);
  if (given.length !== 1) {
    const found = given.length === 0 ? 'none of them' : given.map(([field]) => field).join(', ');
    const message = `found ${found}, expected one of scenario, yaml, file and name`;
    throw InputError.of({ source: call, message });
  }
  if (scenario !== undefined) {
    return { content: { object: scenario }, source: 'scenario', folder: resolve(folder) };
  }
  if (yaml !== undefined) return { content: { yaml }, source: 'scenario', folder: resolve(folder) };
  const path = file === undefined ? namedFile(name!, call) : resolve(folder, file);
  const source = file ?? basename(path);
  const text = readUserFile(path, 'scenario');
  return { content: { yaml: text }, source, folder: dirname(path) };
}

function namedFile(name: string, call: string): string {
  const files = scenarioFiles();
  const names = [...files.keys()];
  const found = understood({ names }, name.replace(/\.ya?ml$/, ''));
  if (found !== undefined) return files.get(found)!;
  const message = `found "${name}", expected the name of a scenario that comes with pipewatt${suggestion({ names }, name)}; the method catalog lists them`;
  throw InputError.of({ source: call, field: 'name', message });
}

/** Paths by name. */
function scenarioFiles(): ReadonlyMap<string, string> {
  const files = readdirSync(SCENARIOS, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml') && !OTHERS.has(path.split(/[/\\]/)[0]!))
    .map((path): [string, string] => [basename(path, '.yaml'), join(SCENARIOS, path)]);
  return new Map(files);
}
