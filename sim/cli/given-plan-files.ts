import { readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { InputError } from '../../src/errors.js';
import { POLICY_NAMES } from '../../src/planner/policy-names.js';
import { cut, ProblemGathering } from '../../src/problem-list.js';
import { visibleLine } from '../../src/visible.js';
import { reason } from '../disk/reason.js';
import { givenPlanner, type GivenPlanner } from '../plans/given-plan.js';
import { readPlanFile } from '../plans/read-plan.js';
import { ZEUS_FILE } from '../plans/zeus-file.js';
import type { CommandFiles } from './command-files.js';

/** Most plans of a folder, and their size together: a frontier in memory takes a third of it. */
const MOST_PLANS = 200_000;
const MOST_BYTES = 2 ** 31;

/**
 * The plan of a file, or the plans of a folder of `freqs_pipeline_00000.py` files, as one more
 * policy with the name of the file or folder.
 *
 * @throws InputError with every problem of every file.
 */
export function readGivenPlans(path: string, files: CommandFiles): GivenPlanner {
  const gathering = new ProblemGathering();
  const plans = pathsOf(path).flatMap(
    (one) => gathering.attempt(() => readPlanFile(files.read(one, 'plan'), one)) ?? [],
  );
  gathering.throwIfAny();
  return givenPlanner(nameOf(path), plans);
}

/** The name of a plan's row, which is never that of a policy. */
function nameOf(path: string): string {
  const name = cut(visibleLine(basename(resolve(path)))) || 'plan';
  return (POLICY_NAMES as readonly string[]).includes(name) ? `plan ${name}` : name;
}

/** The files to read: the one named, or all plans of the folder named. */
function pathsOf(path: string): string[] {
  if (!isFolder(path)) return [path];
  const refuse = (message: string): never => {
    throw InputError.of({ source: path, message });
  };
  const paths = namesIn(path).map((name) => join(path, name));
  if (paths.length === 0) {
    refuse(
      'has no file freqs_pipeline_00000.py or of another number; pipewatt plan --format zeus makes them',
    );
  }
  if (paths.length > MOST_PLANS) {
    refuse(`has ${paths.length} plans, expected at most ${MOST_PLANS}; keep every second one`);
  }
  const bytes = paths.reduce((sum, one) => sum + statSync(one).size, 0);
  if (bytes > MOST_BYTES) {
    refuse(`has plans of ${bytes} bytes, expected at most ${MOST_BYTES}; keep every second one`);
  }
  return paths;
}

/** Plans of a folder by number, slowest first; other files are left alone. */
function namesIn(folder: string): string[] {
  const numberOf = (name: string) => Number(ZEUS_FILE.exec(name)![1]);
  try {
    return readdirSync(folder)
      .filter((name) => ZEUS_FILE.test(name))
      .sort((a, b) => numberOf(a) - numberOf(b) || (a < b ? -1 : 1));
  } catch (error) {
    throw InputError.of({ source: folder, message: `cannot be read: ${reason(error)}` });
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
