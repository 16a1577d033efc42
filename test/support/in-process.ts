import { runProgram } from '../../sim/cli/program.js';

/** Runs the command line in the tests' own process, which begins faster than one of its own. */
export async function runInProcess(args: readonly string[]) {
  let out = '';
  let err = '';
  const code = await runProgram(args, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    isWatched: false,
  });
  return { code, out, err };
}
