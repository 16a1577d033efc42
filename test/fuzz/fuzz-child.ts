import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { FuzzInput, FuzzOutcome } from './fuzz-input.js';
import { callFunction } from './functions.js';
import { runInProcess } from '../support/in-process.js';

/**
 * A process that does one input after another, each in an empty folder. What it does not survive
 * ends it alone: a watching thread ends it when an input takes too long or too much memory.
 */
const folder = mkdtempSync(join(tmpdir(), 'pipewatt-fuzz-'));
process.chdir(folder);
process.on('exit', () => {
  rmSync(folder, { recursive: true, force: true });
});
process.on('disconnect', () => process.exit());

/** Processor time of one input, so that other work of the machine does not count; and time that passes. */
const [KILL_AFTER_CPU_S, KILL_AFTER_S] = [Number(process.argv[2]), Number(process.argv[4])];
const MOST_BYTES = Number(process.argv[3]);

/** When the input under way began, in seconds of the clock and of the processor; 0 between inputs. */
const begun = new Float64Array(new SharedArrayBuffer(16));
const WATCH = `
const { workerData } = require('node:worker_threads');
const { begun, cpuS, passedS, mostBytes } = workerData;
const end = (why) => {
  require('node:fs').writeSync(2, why);
  process.kill(process.pid, 'SIGKILL');
};
setInterval(() => {
  const [atS, cpuAtS] = begun;
  if (atS === 0) return;
  const { user, system } = process.cpuUsage();
  if ((user + system) / 1e6 - cpuAtS > cpuS) end('no end within ' + cpuS + ' s of the processor');
  if (Date.now() / 1000 - atS > passedS) end('no end within ' + passedS + ' s');
  if (process.memoryUsage.rss() > mostBytes) end('more than ' + mostBytes / 2 ** 20 + ' MiB of memory');
}, 100);
`;
const limits = { cpuS: KILL_AFTER_CPU_S, passedS: KILL_AFTER_S, mostBytes: MOST_BYTES };
new Worker(WATCH, { eval: true, workerData: { begun, ...limits } }).unref();

process.on('message', (input: FuzzInput) => {
  void outcomeOf(input).then((outcome) => process.send!(outcome));
});

async function outcomeOf(input: FuzzInput): Promise<FuzzOutcome> {
  for (const name of readdirSync(folder)) {
    rmSync(join(folder, name), { recursive: true, force: true });
  }
  for (const [path, content] of Object.entries(input.files)) {
    mkdirSync(dirname(path), { recursive: true });
    if (content === null) mkdirSync(path);
    else writeFileSync(path, content);
  }
  const before = contents();
  const { user, system } = process.cpuUsage();
  begun[1] = (user + system) / 1e6;
  begun[0] = Date.now() / 1000;
  const ended = await (input.call === 'command line'
    ? runInProcess(input.args)
    : callFunction(input));
  begun[0] = 0;
  const after = contents();
  const paths = new Set([...before.keys(), ...after.keys()]);
  const changed = [...paths].filter((path) => before.get(path) !== after.get(path));
  return {
    kind: 'ended',
    ...ended,
    changed: Object.fromEntries(changed.map((path) => [path, after.get(path) ?? '(removed)'])),
  };
}

function contents(): Map<string, string> {
  const paths = readdirSync('.', { recursive: true, encoding: 'utf8' });
  return new Map(
    paths.map((path) => [path, statSync(path).isDirectory() ? '' : readFileSync(path, 'latin1')]),
  );
}
