import test from 'ava';
import { FOR_PICTURES, FOR_TRACES, type KeptRun } from '../../sim/run/kept-run.js';
import { runScenario } from '../../sim/run/run-scenario.js';
import { bookEnergy } from '../../sim/energy/ledger.js';
import { LedgerSum } from '../../sim/energy/ledger-sum.js';
import { runReport } from '../../sim/viewer/pages/run-report.js';
import { runTrace } from '../../sim/report/perfetto/run-trace.js';
import type { Scenario } from '../../sim/scenario/scenario-schema.js';
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

/** The same without jitter: iterations that are alike are simulated once. */
const STEADY = { ...LIVELY, jitter: undefined } as Scenario;

async function keptRun(scenario: Scenario, keep = FOR_TRACES): Promise<KeptRun> {
  return (await runScenario(scenario, SOURCE, { keep })).kept;
}

test('what is kept is what the table is made of: times and energies to the last digits', async (t) => {
  for (const scenario of [LIVELY, STEADY, scenarioOf({}), scenarioOf({ iterations: 3 })]) {
    const { policies, kept } = await runScenario(scenario, SOURCE, { keep: FOR_TRACES });
    t.is(kept.policies.length, policies.length);
    kept.policies.forEach(({ iterations, policy }, k) => {
      const row = policies[k]!;
      t.is(policy, row.policy);
      t.is(iterations.length, scenario.iterations);
      const last = iterations.at(-1)!;
      t.is(last.index, scenario.iterations - 1);
      t.true(
        Math.abs(last.startS + last.record.iterationTimeS - row.simulatedTimeS) <
          1e-12 * row.simulatedTimeS,
      );
      const ledger = new LedgerSum();
      for (const { job, record } of iterations) {
        ledger.add(bookEnergy(job, record, kept.setting.gpus));
      }
      t.true(Math.abs(ledger.value().totalJ - row.simulatedEnergyJ) < 1e-12 * row.simulatedEnergyJ);
    });
  }
});

test('keeping changes no figure, and nothing is kept unless it is asked for', async (t) => {
  for (const scenario of [LIVELY, STEADY, { ...LIVELY, seeds: 3 }]) {
    const { kept, ...figures } = await runScenario(scenario, SOURCE);
    t.is(kept, undefined);
    for (const keep of [FOR_PICTURES, FOR_TRACES]) {
      const { kept: run, ...same } = await runScenario(scenario, SOURCE, { keep });
      t.deepEqual(same, figures);
      t.is(run.policies[0]!.iterations.length, keep === FOR_TRACES ? 6 : 0);
    }
  }
});

test('of several seeds the first is kept', async (t) => {
  const one = await keptRun(LIVELY);
  const several = await keptRun({ ...LIVELY, seeds: 3 });
  const recordsOf = ({ policies }: KeptRun) =>
    policies.map(({ iterations }) => iterations.map(({ record }) => record.pipelines));
  t.deepEqual(recordsOf(several), recordsOf(one));
  t.notDeepEqual(recordsOf(await keptRun({ ...LIVELY, seed: LIVELY.seed + 1 })), recordsOf(one));
});

test('an iteration names the stragglers within it, not those that come after its end', async (t) => {
  const { policies } = await keptRun(LIVELY);
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

test('the frontier is thinned and keeps its ends', async (t) => {
  const { policies } = await keptRun(scenarioOf({ unitTimeS: 1e-5 }));
  const { frontier, fastest } = policies[1]!;
  t.true(frontier.length <= 400 && frontier.length > 300);
  const timesS = frontier.map(({ timeS }) => timeS);
  t.deepEqual(
    timesS,
    [...timesS].sort((a, b) => b - a),
  );
  t.deepEqual(frontier.at(-1), { timeS: fastest.plannedTimeS, energyJ: fastest.plannedEnergyJ });
});

test('memory bounds what is kept for a trace; one iteration always is', async (t) => {
  const few = await keptRun(LIVELY, { traceInstructions: 0 });
  for (const { iterations } of few.policies) t.is(iterations.length, 1);
  const { instructionCount } = few.setting.dag;
  const some = await keptRun(LIVELY, { traceInstructions: 2 * 3 * 3 * instructionCount });
  for (const { iterations } of some.policies) t.is(iterations.length, 3);
});

test('pictures show an iteration whose straggler is there and known of, whatever is kept beside it', async (t) => {
  for (const scenario of [LIVELY, STEADY]) {
    const all = await keptRun(scenario);
    const [, { iterations }] = all.policies as [unknown, KeptRun['policies'][0]];
    const first = iterations.findIndex(
      ({ present, known }) => present.length > 0 && known.length > 0,
    );
    t.true(first > 0);
    for (const keep of [FOR_PICTURES, { traceInstructions: 0 }, FOR_TRACES]) {
      const { policies } = await keptRun(scenario, keep);
      policies.forEach(({ shown }, k) => {
        t.is(shown.index, first);
        t.deepEqual(shown, all.policies[k]!.iterations[first]!);
        t.true(shown.present.length > 0);
      });
    }
  }
  const { policies } = await keptRun(scenarioOf({ iterations: 3 }), FOR_PICTURES);
  for (const { shown } of policies) t.is(shown.index, 0);
});

test('an iteration that is shown, and is like earlier ones, is kept of every policy', async (t) => {
  // Noticed late: what max-frequency runs then it ran before.
  const stragglers = [{ pipeline: 0, slowdown: 1.3, fromS: 0.1 }];
  const scenario = scenarioOf({ iterations: 6, noticeS: 4, pipelines: 2, stragglers });
  const { policies } = await keptRun(scenario, FOR_PICTURES);
  const [max, perseus] = policies.map(({ shown }) => shown.index);
  t.true(perseus! > 1);
  t.is(max, perseus);
});

test('T′ of an iteration is the straggler’s time, or the plan’s own', async (t) => {
  const { policies } = await keptRun(STEADY);
  for (const { iterations, fastest } of policies) {
    for (const { known, stragglerTimeS } of iterations) {
      const slowdown = known.length > 0 ? 1.4 : 1;
      t.true(Math.abs(stragglerTimeS / fastest.plannedTimeS - slowdown) < 1e-9);
    }
  }
});

test('a kept run is plain data: drawing it needs nothing to simulate with', async (t) => {
  for (const scenario of [LIVELY, STEADY]) {
    const { kept, ...result } = await runScenario(scenario, SOURCE, { keep: FOR_TRACES });
    // Functions cannot be cloned.
    const copy = structuredClone(kept);
    const source = { version: '0', file: 's.yaml', text: '' };
    t.is(
      runReport({ ...result, kept: undefined }, copy, source),
      runReport({ ...result, kept: undefined }, kept, source),
    );
    const options = { version: '0', title: 'made up' };
    t.deepEqual([...runTrace(copy, options).events], [...runTrace(kept, options).events]);
  }
});
