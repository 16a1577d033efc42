#!/usr/bin/env node
import { EXIT } from './exit-codes.js';
import { runProgram } from './program.js';
import { showsColours } from './terminal.js';
import { reason } from '../disk/reason.js';

const state = { isLost: false };
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that has seen enough (`| head`) closes the pipe: that is no failure, and the command
    // still finishes its other files.
    if (error.code === 'EPIPE' || state.isLost) return;
    state.isLost = true;
    process.exitCode = EXIT.wrongInput;
    if (stream === process.stdout) {
      process.stderr.write(`standard output cannot be written: ${reason(error)}\n`);
    }
  });
}

/** Most starts need no colours, and do not wait for them. */
const bold = showsColours({ isTTY: process.stdout.isTTY, env: process.env })
  ? (await import('picocolors')).default.createColors(true).bold
  : (text: string) => text;

const code = await runProgram(process.argv.slice(2), {
  out: (text, strong = 0) => {
    const headline = text.slice(0, strong);
    process.stdout.write(`${headline === '' ? '' : bold(headline)}${text.slice(strong)}`);
  },
  err: (text) => {
    process.stderr.write(text);
  },
  wipeLine: () => {
    process.stderr.write('\r\u001B[K');
  },
  isWatched: process.stderr.isTTY,
});
// A failure found only when the last piece is written sets it again.
process.exitCode = state.isLost ? EXIT.wrongInput : code;
