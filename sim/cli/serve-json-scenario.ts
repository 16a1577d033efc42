import { basename, dirname, resolve } from 'node:path';
import * as z from 'zod';
import { InputError } from '../../src/errors.js';
import { suggestion, understood } from '../../src/vocabulary.js';
import { readUserFile } from '../disk/files.js';
import { shippedScenarios } from '../disk/shipped-scenarios.js';
import type { GivenScenario } from '../library/lasting-runs.js';

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
  const shipped = shippedScenarios();
  const names = shipped.map((each) => each.name);
  const found = understood({ names }, name.replace(/\.ya?ml$/, ''));
  if (found !== undefined) return shipped.find((each) => each.name === found)!.path;
  const message = `found "${name}", expected the name of a scenario that comes with pipewatt${suggestion({ names }, name)}; the method catalog lists them`;
  throw InputError.of({ source: call, field: 'name', message });
}
