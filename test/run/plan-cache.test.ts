import test from 'ava';
import type { Plans } from '../../src/planner/planner.js';
import { PlanCache } from '../../sim/run/plan-cache.js';
import { scenarioOf } from '../support/made-up.js';

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
