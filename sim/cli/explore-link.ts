import { basename } from 'node:path';
import { InputError, type Problem } from '../../src/errors.js';
import { linkOf, MOST_BYTES } from '../explorer/link.js';
import { filesOf, type WhatIf } from '../explorer/what-if.js';
import { loadScenario } from '../scenario/scenario.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import type { CommandFiles } from './command-files.js';

/**
 * The link of the what-if page to a scenario of the user's, its profile with it.
 * @throws InputError if the scenario cannot be run, or needs files that the page cannot have.
 */
export async function linkToScenario(path: string, files: CommandFiles): Promise<string> {
  const text = files.read(path, 'scenario');
  const { scenario } = loadScenario(text, path, files.library);
  return linkOfScenario(scenario, path, files);
}

/**
 * The link of the what-if page to a scenario that was read from a file.
 * @throws InputError if the page cannot have what it needs.
 */
export async function linkOfScenario(
  scenario: Scenario,
  path: string,
  files: CommandFiles,
): Promise<string> {
  const problems = unreadable(scenario, path);
  if (problems.length > 0) throw new InputError(problems);
  const link = filesOf(withItsProfile(scenario, path, files));
  const { length } = JSON.stringify(link);
  if (length > MOST_BYTES) {
    throw InputError.of({
      source: path,
      message: `found ${length} characters, its profile included, but a link holds at most ${MOST_BYTES}`,
    });
  }
  return linkOf(link);
}

/** Files other than a profile: the page has the catalog's models and GPUs alone. */
function unreadable({ profile }: Scenario, source: string): Problem[] {
  const named = 'model' in profile ? { model: profile.model, gpu: profile.gpu } : {};
  return Object.entries(named)
    .filter(([, name]) => /\.(?:ya?ml|json)$/i.test(name))
    .map(([key, name]) => ({
      source,
      field: `profile.${key}`,
      message: `found the file ${name}, but the page knows only models and GPUs of the catalog; pipewatt synth makes a profile of it, which a scenario can name as profile.csv`,
    }));
}

function withItsProfile(scenario: Scenario, path: string, files: CommandFiles): WhatIf {
  const { profile } = scenario;
  if (!('csv' in profile)) return { scenario };
  const askedBy = { source: path, field: 'profile.csv' };
  const { text } = files.library.userFile(profile.csv, 'profile', askedBy);
  const name = basename(profile.csv);
  return { scenario: { ...scenario, profile: { ...profile, csv: name } }, csv: { name, text } };
}
