import { availableParallelism } from 'node:os';
import { visibleLine } from '../../src/visible.js';
import { addressWithoutPassword } from '../../src/passwords.js';
import { memoryShareMB } from '../processes/memory-share.js';
import { startWorker } from '../sweep/redis-worker.js';
import { OptionReader } from './options.js';
import type { Call } from './declare.js';
import { VERSION } from './version.js';
import type { worker as declared } from './worker-options.js';

/** `pipewatt worker --redis URL`: does runs of sweeps that wait in a Redis, until it is stopped. */
export async function workerCommand(call: Call<typeof declared>): Promise<void> {
  const { terminal } = call;
  const options = new OptionReader(call);
  const url = options.get('--redis');
  const threads = options.get('--threads');
  const memory = options.get('--memory');
  options.finish();
  const workers = threads ?? availableParallelism();
  const pool = { workers, memoryMB: memory ?? memoryShareMB(workers) };
  const worker = await startWorker(url, VERSION, pool, (sentence) => {
    terminal.err(`${visibleLine(sentence)}\n`);
  });
  terminal.err(
    `takes runs from ${addressWithoutPassword(url)} (version ${VERSION}); Ctrl-C finishes what is under way\n`,
  );
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  await worker.stop();
  // Requests to a Redis that is gone would keep the process from ending.
  process.exit();
}
