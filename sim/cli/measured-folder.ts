import { existsSync, readFileSync } from 'node:fs';
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
