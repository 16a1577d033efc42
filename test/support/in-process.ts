import { runProgram } from '../../sim/cli/program.js';
import type { Terminal } from '../../sim/cli/terminal.js';

/** Gives a terminal that nobody watches to a program, and returns all that was printed to it. */
export async function captured<Result>(program: (terminal: Terminal) => Promise<Result>) {
  let out = '';
  let err = '';
  const result = await program({
    out: (text) => (out += text),
    err: (text) => (err += text),
    isWatched: false,
  });
  return { result, out, err };
}

/** Runs the command line in the tests' own process, which begins faster than one of its own. */
export async function runInProcess(args: readonly string[]) {
  const { result: code, out, err } = await captured((terminal) => runProgram(args, terminal));
  return { code, out, err };
}
