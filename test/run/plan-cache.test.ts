import test from 'ava';
import type { Plans } from '../../src/planner/planner.js';
import { PlanCache } from '../../sim/run/plan-cache.js';
import { runScenario } from '../../sim/run/run-scenario.js';
import { sharedSetting } from '../../sim/run/shared-setting.js';
import { profileOf, scenarioOf } from '../support/made-up.js';

test('a cache with a limit forgets what was not used for longest', (t) => {
  const cache = new PlanCache(2);
  const made: number[] = [];
  const ask = (microbatches: number) =>
    cache.plansOf(scenarioOf({ pipeline: { stages: 2, microbatches } }), 'perseus', () => {
      made.push(microbatches);
      return { pointCount: microbatches } as Plans;
    }).pointCount;
  t.deepEqual([1, 2, 1, 3, 1, 2].map(ask), [1, 2, 1, 3, 1, 2]);
  t.deepEqual(made, [1, 2, 3, 2]);
});

const SLOW = { pipeline: 0, slowdown: 1.3 };

test('scenarios that differ in stragglers and seed share their problem, and nothing else changes', async (t) => {
  const cache = new PlanCache();
  const source = profileOf([1, 1.5]);
  const shape = { pipeline: { stages: 2, microbatches: 4 }, pipelines: 2 };
  const balanced = { ...shape, imbalance: { factors: [1, 1.2] } };
  const asked = [shape, balanced].flatMap((fields) => [
    fields,
    { ...fields, name: 'other', stragglers: [SLOW] },
    { ...fields, seed: 7, iterations: 1, stragglers: [{ ...SLOW, slowdown: 1.1 }] },
    { ...fields, pipelines: 3, stragglers: [SLOW] },
  ]);
  const problems = new Set();
  for (const fields of asked) {
    const scenario = scenarioOf(fields);
    problems.add(sharedSetting(cache, scenario, source).setting.problem);
    const shared = await runScenario(scenario, source, { cache });
    t.deepEqual(shared, await runScenario(scenario, source));
  }
  // Two shapes, each with two and with three pipelines.
  t.is(problems.size, 4);
});

test('a profile of the same name but with other content is not taken for the one before', (t) => {
  const cache = new PlanCache();
  const scenario = scenarioOf({ pipeline: { stages: 2, microbatches: 4 } });
  const [first, second] = [profileOf([1, 1.5]), profileOf([1, 2])].map(
    (source) => sharedSetting(cache, scenario, source).setting,
  );
  t.not(first!.problem, second!.problem);
  t.true(
    second!.problem.operations.at(-1)!.maxTicks !== first!.problem.operations.at(-1)!.maxTicks,
  );
});

test('stragglers that the profile rules out are refused, also if the rest is known', (t) => {
  const cache = new PlanCache();
  const source = profileOf([1, 1.5]);
  const shape = { pipeline: { stages: 2, microbatches: 4 }, pipelines: 2 };
  sharedSetting(cache, scenarioOf(shape), source);
  const stragglers = [{ pipeline: 0, cause: 'throttle', clockLimitMHz: 300 }];
  const error = t.throws(() => sharedSetting(cache, scenarioOf({ ...shape, stragglers }), source));
  t.regex(error.message, /stragglers\[0\]\.clockLimitMHz: found 300, expected/);
});
