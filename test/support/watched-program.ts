/** The command line in a process of its own whose standard error counts as watched by people. */
import { runProgram } from '../../sim/cli/program.js';

process.exitCode = await runProgram(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  isWatched: true,
});
