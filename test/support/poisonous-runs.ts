import { serveParent } from '../../sim/processes/serve.js';
import { PlanCache } from '../../sim/run/plan-cache.js';
import { doRun, type RunTask } from '../../sim/sweep/run-result.js';

const held: unknown[] = [];

/** The ways in which runs of scenarios with these names end their process. */
const POISONS: Readonly<Record<string, () => void>> = {
  heap: () => {
    for (;;) held.push(Array.from({ length: 1000 }, (_, k) => ({ k })));
  },
  buffers: () => {
    for (;;) held.push(Buffer.alloc(2 ** 22, 1));
  },
  abort: () => {
    process.abort();
  },
  segfault: () => {
    process.kill(process.pid, 'SIGSEGV');
    for (;;);
  },
  kill: () => {
    process.kill(process.pid, 'SIGKILL');
    for (;;);
  },
  exit: () => {
    process.exit(0);
  },
};

/** Does the runs of a sweep as its processes do, but for those that are poison. */
serveParent(async (tasks, tell) => {
  for (const task of tasks as readonly RunTask[]) {
    POISONS[task.scenario.name]?.();
    await tell(await doRun(task, new PlanCache()));
  }
});
