import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkMeasuredJobs } from '../../src/profile/measured-plausible.js';
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
  const jobs = readMeasuredRuns({
    folder,
    plans: readPlans(folder),
    iterations: readUserFile(join(folder, 'iterations.csv')),
    instructions: optional('instructions.csv'),
    loadTimes: optional('load_times.csv'),
  });
  checkMeasuredJobs(jobs, folder);
  return jobs;
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

/** Large tables may be packed; what is packed is read as it is. */
function readPlans(folder: string): string {
  const packed = join(folder, 'plans.csv.gz');
  return readUserFile(existsSync(packed) ? packed : join(folder, 'plans.csv'));
}
