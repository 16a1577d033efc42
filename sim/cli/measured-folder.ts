import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { InputError } from '../../src/errors.js';
import { readMeasuredRuns, type MeasuredJob } from '../../src/profile/measured-runs.js';
import { readUserFile } from './files.js';

/**
 * Reads a folder of executed plans: `plans.csv` (or `.csv.gz`) and `iterations.csv`, and where they
 * are there `instructions.csv` and `load_times.csv`.
 *
 * @throws InputError when a file is missing or wrong.
 */
export function readMeasuredFolder(folder: string): MeasuredJob[] {
  const optional = (name: string) => {
    const path = join(folder, name);
    return existsSync(path) ? readUserFile(path) : undefined;
  };
  return readMeasuredRuns({
    folder,
    plans: readPlans(folder),
    iterations: readUserFile(join(folder, 'iterations.csv')),
    instructions: optional('instructions.csv'),
    loadTimes: optional('load_times.csv'),
  });
}

/**
 * Reads a folder of executed plans, or every such folder within it, in the order of their names.
 *
 * @throws InputError when there is none, or a file is missing or wrong.
 */
export function readMeasuredFolders(folder: string): MeasuredJob[] {
  const holdsPlans = (path: string) =>
    ['plans.csv', 'plans.csv.gz'].some((name) => existsSync(join(path, name)));
  if (!existsSync(folder) || holdsPlans(folder)) return readMeasuredFolder(folder);
  const within = readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
    .filter(holdsPlans);
  return within.length === 0 ? readMeasuredFolder(folder) : within.flatMap(readMeasuredFolder);
}

function readPlans(folder: string): string {
  const packed = join(folder, 'plans.csv.gz');
  if (!existsSync(packed)) return readUserFile(join(folder, 'plans.csv'));
  try {
    return gunzipSync(readFileSync(packed)).toString('utf8');
  } catch (error) {
    throw InputError.of({
      source: packed,
      message: `cannot be unpacked: ${(error as Error).message}`,
    });
  }
}
