import test from 'ava';
import { runLocally } from '../../sim/sweep/local-workers.js';
import type { RunResult } from '../../sim/sweep/run-result.js';
import { smallScenario, tasksOf } from '../support/run-tasks.js';

const POISONOUS = new URL('../support/poisonous-runs.js', import.meta.url);

/** What is recorded of runs that end their process. */
const POISONED: Readonly<Record<string, string>> = {
  heap: 'its process needed more memory than a run may have; --memory gives it more',
  buffers: 'its process needed more memory than a run may have; --memory gives it more',
  abort: 'its process died: SIGABRT',
  segfault: 'its process died: SIGSEGV',
  kill: 'its process died: SIGKILL',
  exit: 'its process died: exit code 0',
};

test('runs that their process dies of have failed, and all others are done, by however many workers', async (t) => {
  const good = ['', 'seed: 2', 'seed: 3', 'pipelines: 2'];
  const scenarios = Object.keys(POISONED).flatMap((name, k) => [
    smallScenario(good[k % good.length]),
    { ...smallScenario(`seed: ${k + 1}`), name },
  ]);
  const tables = [1, 3].map(async (workers) => {
    const results = new Map<number, RunResult>();
    const options = { workers, memoryMB: 300, module: POISONOUS };
    await runLocally(tasksOf(scenarios), options, (result) => {
      t.false(results.has(result.index), 'once');
      results.set(result.index, result);
      return Promise.resolve();
    });
    return scenarios.map((_, index) => results.get(index));
  });
  const [one, three] = await Promise.all(tables);
  t.deepEqual(three, one);
  for (const [index, { name }] of scenarios.entries()) {
    const { error, rows } = one![index]!;
    t.deepEqual([error, rows.length], name in POISONED ? [POISONED[name]!, 0] : [null, 2], name);
  }
});
