import { availableParallelism } from 'node:os';
import { memoryShareMB } from '../processes/memory-share.js';
import { withoutPassword } from '../sweep/redis-jobs.js';
import { startWorker } from '../sweep/redis-worker.js';
import { OptionReader, type RawOptions } from './options.js';
import { MEMORY_RULE } from './memory-rule.js';
import type { Terminal } from './terminal.js';
import { VERSION } from './version.js';

/** `pipewatt worker --redis URL`: does runs of sweeps that wait in a Redis, until it is stopped. */
export async function workerCommand(options: RawOptions, terminal: Terminal): Promise<void> {
  const reader = new OptionReader('worker', options);
  const url = reader.string('--redis', 'the address of a Redis, such as redis://host:6379');
  const threads = reader.optionalNumber('--threads', { min: 1, max: 1024, whole: true });
  const memory = reader.optionalNumber('--memory', MEMORY_RULE);
  reader.finish();
  const workers = threads ?? availableParallelism();
  const pool = { workers, memoryMB: memory ?? memoryShareMB(workers) };
  const worker = await startWorker(url, VERSION, pool, (sentence) => {
    terminal.err(`${sentence}\n`);
  });
  terminal.err(
    `takes runs from ${withoutPassword(url)} (version ${VERSION}); Ctrl-C finishes what is under way\n`,
  );
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  await worker.stop();
  // What waits for a Redis that is gone would keep the process from ending.
  process.exit();
}
