import type { Call } from './declare.js';
import { OptionReader } from './options.js';
import { LineCutter } from './serve-json-lines.js';
import type { serveJson as declared } from './serve-json-options.js';
import { MOST_LINE_BYTES, parsedLine } from './serve-json-parse.js';
import { RequestQueue } from './serve-json-queue.js';

/** The interval at which the parent is looked for. */
const LOOK_MS = 250;

/**
 * `pipewatt serve-json`: answers requests on standard input, line by line, until it ends, the reader of
 * the answers or the parent is gone, or a signal comes.
 */
export async function serveJsonCommand(call: Call<typeof declared>): Promise<void> {
  const options = new OptionReader(call);
  const parent = options.get('--parent');
  options.finish();
  const { stdin, stdout } = process;
  if (stdin.isTTY) {
    call.terminal.err('reads requests, a line of JSON each; Ctrl-D ends them\n');
  }
  // Answers are exact: nothing in them is replaced for a terminal.
  const queue = new RequestQueue((line) => {
    stdout.write(line);
    readOn();
  });
  const readOn = () => {
    if (queue.hasRoom) stdin.resume();
    else stdin.pause();
  };
  const stop = () => {
    queue.stop();
  };
  const lines = new LineCutter(MOST_LINE_BYTES, (line) => {
    queue.receive(parsedLine(line), 'bytes' in line ? line.bytes.length : 0);
  });
  stdin.on('data', (bytes: Buffer) => {
    lines.add(bytes);
    readOn();
  });
  const endInput = () => {
    lines.end();
    queue.end();
  };
  stdin.once('end', endInput);
  stdin.once('error', endInput);
  stdout.once('error', stop);
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const look = setInterval(() => {
    if (isGone(parent)) stop();
  }, LOOK_MS);
  await queue.finished;
  clearInterval(look);
  stdin.destroy();
}

const FIRST_PARENT = process.ppid;

/** Whether a process has ended; by default the one that began this one. */
function isGone(pid: number | undefined): boolean {
  if (pid === undefined) return process.ppid !== FIRST_PARENT;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
