#!/usr/bin/env node
import { reason } from './files.js';
import { EXIT, runProgram } from './program.js';

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that has seen enough (`| head`) closes the pipe: that is no failure.
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
    if (stream === process.stdout) {
      process.stderr.write(`standard output cannot be written: ${reason(error)}\n`);
    }
    process.exit(EXIT.wrongInput);
  });
}

process.exitCode = await runProgram(process.argv.slice(2), {
  out: (text) => {
    process.stdout.write(text);
  },
  err: (text) => {
    process.stderr.write(text);
  },
  wipeLine: () => {
    process.stderr.write('\r\u001B[K');
  },
  isWatched: process.stderr.isTTY,
});
