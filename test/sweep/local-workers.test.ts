import test from 'ava';
import type { Plans } from '../../src/planner/planner.js';
import { parseScenario } from '../../sim/scenario/scenario.js';
import { runRows } from '../../sim/results/run-rows.js';
import { energyBound } from '../../sim/run/energy-bound.js';
import { PlanCache, planningKey } from '../../sim/run/plan-cache.js';
import { runScenario } from '../../sim/run/run-scenario.js';
import { batchesOf } from '../../sim/sweep/batches.js';
import { RecentPlans } from '../../sim/sweep/recent-plans.js';
import { doRun } from '../../sim/sweep/run-result.js';
import { projectFile } from '../support/files.js';
import { smallScenario, tasksOf } from '../support/run-tasks.js';

const SAME_PLANS = [
  '',
  'pipelines: 4',
  'seed: 9',
  'stragglers: [{ pipeline: 0, slowdown: 1.5 }]',
  'iterations: 3',
  'jitter: {}',
].map((extra) => smallScenario(extra));

const OTHER_PLANS = [
  smallScenario('', 5),
  smallScenario('unitTimeS: 0.002'),
  smallScenario('tensorParallel: 2'),
  smallScenario('imbalance: { factors: [1, 1.2] }'),
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

test('runs have the figures of the frontiers that they do not plan', async (t) => {
  for (const task of tasksOf(SAME_PLANS)) {
    const onFrontiers = await runScenario(task.scenario, task.profile, { findBound: energyBound });
    t.deepEqual((await doRun(task, new PlanCache())).rows, runRows(onFrontiers));
  }
});

test('batches hold runs of one frontier, pieces of it side by side, large pipelines first', (t) => {
  const small = Array.from({ length: 20 }, (_, k) => smallScenario(`seed: ${k + 1}`));
  const large = Array.from({ length: 3 }, (_, k) => smallScenario(`seed: ${k + 1}`, 8));
  const indices = (size: number) =>
    batchesOf(tasksOf([...small, ...large]), size).map((batch) => batch.map(({ index }) => index));
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, k) => from + k);
  t.deepEqual(indices(10), [range(20, 23), range(0, 10), range(10, 20)]);
  t.deepEqual(indices(1), [range(20, 23), range(0, 8), range(8, 16), range(16, 20)]);
});
