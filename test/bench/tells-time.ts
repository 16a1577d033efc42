import { appendFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/**
 * Appends the processor time of this process, in microseconds, to the file that `BENCH_TIMES` names
 * when it ends; loaded by `NODE_OPTIONS`, so that each process it starts does the same.
 */
const file = process.env['BENCH_TIMES'];
if (isMainThread && file !== undefined) {
  process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    appendFileSync(file, `${user + system}\n`);
  });
}
