import type { ExecutionContext } from 'ava';
import { projectFile } from './files.js';
import { runPython } from './run-python.js';

/** Checks of test/python/checks.py to run. */
interface AskedChecks {
  readonly flags?: readonly string[];
  /** Modules that are not to be found. */
  readonly without?: string;
  /** Classes; all if left out. */
  readonly of?: readonly string[];
}

/** Runs checks of the Python module, none of which may fail. @returns the number that have passed. */
export function checksPassed(
  t: ExecutionContext,
  command: string,
  { flags = [], without = '', of = [] }: AskedChecks,
): number {
  const args = [...flags, projectFile('test/python/checks.py'), ...of, '-v'];
  const said = runPython(t, command, args, { env: { CHECKS_WITHOUT: without } });
  // Warnings may stand between a check and its `ok`. Nothing follows this one if a check was skipped.
  t.regex(said, /^OK$/m);
  return Number(/^Ran (\d+) tests? in /m.exec(said)?.[1]);
}
