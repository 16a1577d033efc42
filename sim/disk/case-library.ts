import { formatProblem, InputError } from '../../src/errors.js';
import type { CaseLibrary } from '../operators/prediction-cases.js';
import { readMachine, readModelShape } from './operator-catalog.js';

/**
 * The models and GPUs that cases name; each name is read once.
 * @param source of the cases, for messages.
 */
export function caseLibrary(source: string): CaseLibrary {
  const remembered = <T>(read: (name: string, source: string) => T) => {
    const known = new Map<string, T | string>();
    return (name: string, complain: (message: string) => void): T | undefined => {
      if (!known.has(name))
        known.set(
          name,
          orMessage(() => read(name, source), source),
        );
      const found = known.get(name)!;
      if (typeof found !== 'string') return found;
      complain(found);
      return undefined;
    };
  };
  return { machine: remembered(readMachine), shape: remembered(readModelShape) };
}

/**
 * A complaint says where the name is written; problems within the file name the file themselves.
 */
function orMessage<T>(read: () => T, source: string): T | string {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const messages = error.problems.map((problem) =>
      problem.source === source ? problem.message : formatProblem(problem),
    );
    return messages.join('; ');
  }
}
