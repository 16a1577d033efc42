import test from 'ava';
import { observeRun, shownIteration } from '../../sim/run/observed-run.js';
import { runScenario } from '../../sim/run/run-scenario.js';
import { bookEnergy } from '../../sim/energy/ledger.js';
import { LedgerSum } from '../../sim/energy/ledger-sum.js';
import { profileOf, scenarioOf } from '../support/made-up.js';

const SOURCE = profileOf([0.1, 0.13]);

/** Stragglers come and go, instructions scatter. */
const LIVELY = scenarioOf({
  iterations: 6,
  noticeS: 0.5,
  jitter: {},
  pipelines: 3,
  stragglers: [{ pipeline: 1, slowdown: 1.4, fromS: 2, untilS: 5 }],
});

test('what is observed is what the table was made of: times and energies to the last bit', async (t) => {
  for (const scenario of [LIVELY, scenarioOf({}), scenarioOf({ iterations: 3 })]) {
    const { policies } = await runScenario(scenario, SOURCE);
    const observed = observeRun(scenario, SOURCE);
    t.is(observed.policies.length, policies.length);
    observed.policies.forEach(({ iterations, plans }, k) => {
      const row = policies[k]!;
      t.is(plans.policy, row.policy);
      t.is(iterations.length, scenario.iterations);
      const last = iterations.at(-1)!;
      t.is(last.index, scenario.iterations - 1);
      t.true(
        Math.abs(last.startS + last.record.iterationTimeS - row.simulatedTimeS) <
          1e-12 * row.simulatedTimeS,
      );
      const ledger = new LedgerSum();
      for (const { job, record } of iterations) {
        ledger.add(bookEnergy(job, record, observed.setting.gpus));
      }
      t.true(Math.abs(ledger.value().totalJ - row.simulatedEnergyJ) < 1e-12 * row.simulatedEnergyJ);
    });
  }
});

test('an iteration names the stragglers within it, not those that come after its end', (t) => {
  const { policies } = observeRun(LIVELY, SOURCE);
  for (const { iterations } of policies) {
    for (const { startS, record, present } of iterations) {
      const isIn = startS < 5 && startS + record.iterationTimeS > 2;
      t.deepEqual(
        present.map(({ pipeline }) => pipeline),
        isIn ? [1] : [],
      );
    }
    t.deepEqual(iterations[0]!.present, []);
  }
});

test('the frontier is thinned and keeps its ends', (t) => {
  const { policies } = observeRun(scenarioOf({ unitTimeS: 1e-5 }), SOURCE);
  const { frontier, plans } = policies[1]!;
  t.true(frontier.length <= 400 && frontier.length > 300);
  t.deepEqual(frontier[0], plans.plans.point(0));
  t.deepEqual(frontier.at(-1), plans.plans.point(plans.plans.pointCount - 1));
});

test('memory bounds what is kept; one iteration always is', (t) => {
  const few = observeRun(LIVELY, SOURCE, undefined, 0);
  for (const { iterations } of few.policies) t.is(iterations.length, 1);
  const { instructionCount } = few.setting.dag;
  const some = observeRun(LIVELY, SOURCE, undefined, 2 * 3 * 3 * instructionCount);
  for (const { iterations } of some.policies) t.is(iterations.length, 3);
});

test('pictures show an iteration whose straggler is there and known of', (t) => {
  const observed = observeRun(LIVELY, SOURCE);
  const k = shownIteration(observed);
  for (const { iterations } of observed.policies) t.true(iterations[k]!.present.length > 0);
  t.true(observed.policies[1]!.iterations[k]!.known.length > 0);
  t.is(shownIteration(observeRun(scenarioOf({ iterations: 3 }), SOURCE)), 0);
});
