import test from 'ava';
import { energyBound } from '../../sim/run/energy-bound.js';
import { planningOf } from '../bench/measurements.js';

const A100 = { catalog: 'gpt3-175b-a100-sxm', unitTimeMs: 5, stages: 8, chunks: 1 };
const ONE = { pipelines: 1, iterations: 1 };

test('a bound costs no more than the policies that it judges are worth', (t) => {
  const methodOf = (microbatches: number, policies?: string[]) => {
    const { dag, problem, planning } = planningOf({ ...A100, ...ONE, microbatches });
    const scenario = policies && { scenario: { policies } };
    return energyBound({ dag, problem, planning, ...scenario }).method;
  };
  const fixed = ['max-frequency', 'zeus-global'];
  const planned = ['max-frequency', 'perseus'];
  t.deepEqual(
    [96, 256, 384].map((count) => [
      methodOf(count, fixed),
      methodOf(count, planned),
      methodOf(count),
    ]),
    [
      ['lp', 'lp', 'lp'],
      ['paths', 'lp', 'lp'],
      ['paths', 'paths', 'paths'],
    ],
  );
});

test('the coarser estimate is below the exact bound, by little', (t) => {
  const { dag, problem, planning } = planningOf({ ...A100, ...ONE, microbatches: 256 });
  const job = { pipelines: 1, stragglers: [] };
  const exact = energyBound({ dag, problem, planning });
  const policies = ['max-frequency'];
  const coarse = energyBound({ dag, problem, planning, scenario: { policies } });
  for (const timeS of [48, 50, 55]) {
    const below = 1 - coarse.ofJob(job, timeS) / exact.ofJob(job, timeS);
    t.log(`${timeS} s: ${(100 * below).toFixed(4)} % below`);
    t.true(below > -1e-12 && below < 5e-3);
    t.is(exact.extraTime(job, timeS), 0);
    t.true(coarse.extraTime(job, timeS) > 0);
  }
});
