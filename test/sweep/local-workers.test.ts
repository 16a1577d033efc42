import test from 'ava';
import type { Plans } from '../../src/planner/planner.js';
import { parseScenario } from '../../sim/scenario/scenario.js';
import type { Scenario } from '../../sim/scenario/scenario-schema.js';
import { PlanCache, planningKey } from '../../sim/run/plan-cache.js';
import { batchesOf } from '../../sim/sweep/batches.js';
import { RunIdentities } from '../../sim/sweep/identity.js';
import { runLocally } from '../../sim/sweep/local-workers.js';
import { RecentPlans } from '../../sim/sweep/recent-plans.js';
import { doRun, type RunResult, type RunTask } from '../../sim/sweep/run-result.js';
import { LIBRARY } from '../../sim/disk/catalog-files.js';
import { loadProfile } from '../../sim/scenario/scenario-profile.js';
import { projectFile } from '../support/files.js';

function scenario(extra = '', microbatches = 4): Scenario {
  return parseScenario(
    `name: a
profile: { csv: ${projectFile('test/fixtures/good/two-stages.csv')}, blockingPowerW: 80 }
pipeline: { stages: 2, microbatches: ${microbatches} }
policies: [max-frequency, perseus]
${extra}`,
    's.yaml',
  );
}

function tasksOf(scenarios: readonly Scenario[]): RunTask[] {
  const profile = loadProfile(scenarios[0]!, 's.yaml', LIBRARY);
  const identities = new RunIdentities('1');
  return scenarios.map((one, index) => {
    const { frontier } = identities.of(one, profile);
    return { index, scenario: one, profile, frontier };
  });
}

const SAME_PLANS = [
  '',
  'pipelines: 4',
  'seed: 9',
  'stragglers: [{ pipeline: 0, slowdown: 1.5 }]',
  'iterations: 3',
  'jitter: {}',
].map((extra) => scenario(extra));

const OTHER_PLANS = [
  scenario('', 5),
  scenario('unitTimeS: 0.002'),
  scenario('tensorParallel: 2'),
  scenario('imbalance: { factors: [1, 1.2] }'),
  parseScenario(
    `name: a
profile: { csv: ${projectFile('test/fixtures/good/two-stages.csv')}, blockingPowerW: 80 }
pipeline: { stages: 2, microbatches: 4, schedule: gpipe }`,
    's.yaml',
  ),
];

test('runs that differ in stragglers, seeds and iterations share a frontier, others do not', (t) => {
  const keys = SAME_PLANS.map(planningKey);
  t.is(new Set(keys).size, 1);
  t.is(new Set([keys[0]!, ...OTHER_PLANS.map(planningKey)]).size, 1 + OTHER_PLANS.length);
});

test('a process plans once for all runs of a frontier, and forgets it with the next', (t) => {
  const plans = new RecentPlans();
  let planned = 0;
  for (const task of tasksOf([...SAME_PLANS, OTHER_PLANS[0]!, ...SAME_PLANS])) {
    const cache = plans.cacheFor(task);
    cache.plansOf(task.scenario, 'perseus', () => {
      planned++;
      return {} as Plans;
    });
  }
  t.is(planned, 3);
});

test('shared plans give the same figures as plans of a run alone', async (t) => {
  const plans = new RecentPlans();
  for (const task of tasksOf(SAME_PLANS)) {
    const shared = await doRun(task, plans.cacheFor(task));
    t.is(shared.error, null);
    t.deepEqual(shared, await doRun(task, new PlanCache()));
  }
});

test('batches hold runs of one frontier, pieces of it side by side, large pipelines first', (t) => {
  const small = Array.from({ length: 20 }, (_, k) => scenario(`seed: ${k + 1}`));
  const large = Array.from({ length: 3 }, (_, k) => scenario(`seed: ${k + 1}`, 8));
  const indices = (size: number) =>
    batchesOf(tasksOf([...small, ...large]), size).map((batch) => batch.map(({ index }) => index));
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, k) => from + k);
  t.deepEqual(indices(10), [range(20, 23), range(0, 10), range(10, 20)]);
  t.deepEqual(indices(1), [range(20, 23), range(0, 8), range(8, 16), range(16, 20)]);
});

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
    scenario(good[k % good.length]),
    { ...scenario(`seed: ${k + 1}`), name },
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
