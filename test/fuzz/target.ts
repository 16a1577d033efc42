import type fc from 'fast-check';
import type { FuzzInput } from './fuzz-input.js';
import type { Oracle } from './oracle.js';

/** The subject for which a fuzzer makes inputs. */
export interface FuzzTarget {
  readonly name: string;
  /** Makes inputs; called once, for what takes a while to prepare. */
  readonly inputs: () => fc.Arbitrary<FuzzInput> | Promise<fc.Arbitrary<FuzzInput>>;
  /** The problem with an input that ended with 0 or 2, as all must. */
  readonly oracle: Oracle;
  /** Paths that an input's command was asked to write. */
  readonly outputs?: (input: FuzzInput) => readonly string[];
  /** An input that means the same: it must print the same. */
  readonly sameAs?: (input: FuzzInput) => FuzzInput;
  /** Of a hundred inputs of all targets. */
  readonly share: number;
}

/** The command line with files. */
export function commandLine(args: readonly string[], files: FuzzInput['files'] = {}): FuzzInput {
  return { call: 'command line', args, files };
}
