import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../src/errors.js';
import { checkMeasuredJobs } from '../fit/measured-plausible.js';
import { readMeasuredRuns, type MeasuredJob } from '../fit/measured-runs.js';
import { readUserFile } from '../disk/files.js';

/**
 * Reads a folder of executed plans: `plans.csv` (or `.csv.gz`) and `iterations.csv`, and
 * `instructions.csv` and `load_times.csv` if present.
 *
 * @param onRead is told of every file that is read.
 * @throws InputError if a file is missing or invalid.
 */
export function readMeasuredFolder(
  folder: string,
  onRead: (path: string) => void = () => undefined,
): MeasuredJob[] {
  if (existsSync(folder) && !isFolder(folder)) {
    throw InputError.of({
      source: folder,
      message: 'is a file, expected a folder with plans.csv and iterations.csv',
    });
  }
  const read = (name: string) => {
    onRead(join(folder, name));
    return readUserFile(join(folder, name), 'executed-plans');
  };
  const optional = (name: string) => (existsSync(join(folder, name)) ? read(name) : undefined);
  const jobs = readMeasuredRuns({
    folder,
    plans: readPlans(folder, read),
    iterations: read('iterations.csv'),
    instructions: optional('instructions.csv'),
    loadTimes: optional('load_times.csv'),
  });
  checkMeasuredJobs(jobs, folder);
  return jobs;
}

/**
 * Reads a folder of executed plans, or every such folder within it, in the order of their names.
 *
 * @throws InputError if there is none, or a file is missing or invalid.
 */
export function readMeasuredFolders(
  folder: string,
  onRead: (path: string) => void = () => undefined,
): MeasuredJob[] {
  const jobsIn = (path: string) => readMeasuredFolder(path, onRead);
  const holdsPlans = (path: string) =>
    ['plans.csv', 'plans.csv.gz'].some((name) => existsSync(join(path, name)));
  if (!isFolder(folder) || holdsPlans(folder)) return jobsIn(folder);
  const within = readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
    .filter(holdsPlans);
  return within.length === 0 ? jobsIn(folder) : within.flatMap(jobsIn);
}

/** Large tables may be packed; a packed one is preferred. */
function readPlans(folder: string, read: (name: string) => string): string {
  const packed = 'plans.csv.gz';
  return read(existsSync(join(folder, packed)) ? packed : 'plans.csv');
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
