import { existsSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The scenarios that come with the program; this file runs as dist/sim/disk/shipped-scenarios.js. */
const SCENARIOS = new URL('../../../scenarios/', import.meta.url);

/** Folders of scenarios, the first before the others. */
const FOLDERS = ['', 'what-if/'] as const;

const ENDING = '.yaml';

/** A scenario that comes with the program. */
export interface ShippedScenario {
  readonly name: string;
  readonly path: string;
}

/** The scenarios that come with the program, folder by folder, by name. */
export function shippedScenarios(): ShippedScenario[] {
  return FOLDERS.flatMap((folder) => {
    const url = new URL(folder, SCENARIOS);
    return readdirSync(url)
      .filter((file) => file.endsWith(ENDING))
      .sort()
      .map((file) => ({
        name: file.slice(0, -ENDING.length),
        path: fileURLToPath(new URL(file, url)),
      }));
  });
}

/** The path that a word of the command line means: a file's, or that of the shipped scenario with that name. */
export function scenarioPath(word: string): string {
  // A path through a file is none, which `statSync` reports by throwing.
  if (existsSync(word) && statSync(word).isFile()) return word;
  return shippedScenarios().find(({ name }) => name === word)?.path ?? word;
}
