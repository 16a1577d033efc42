import test from 'ava';
import fc from 'fast-check';
import { InputError } from '../../src/errors.js';
import { energyBound } from '../../sim/run/energy-bound.js';
import type { Planner } from '../../src/planner/planner.js';
import { planOfOptions, SinglePlan } from '../../src/planner/single-plan.js';
import type { PolicyResult } from '../../sim/run/policy-figures.js';
import { runScenario } from '../../sim/run/run-scenario.js';
import type { ScenarioProfile } from '../../sim/scenario/scenario-setting.js';
import type { Scenario } from '../../sim/scenario/scenario-schema.js';
import { profileOf, scenarioOf } from '../support/made-up.js';
import { checkProperty } from '../support/properties.js';

async function policiesOf(scenario: Scenario, source: ScenarioProfile) {
  const { policies } = await runScenario(scenario, source, { findBound: energyBound });
  return policies as [PolicyResult, PolicyResult];
}

function isClose(a: number, b: number, relative = 1e-9): boolean {
  return Math.abs(a - b) <= relative * Math.max(Math.abs(a), Math.abs(b));
}

test('max-frequency of one stage takes and uses what can be added up by hand', async (t) => {
  const scenario = scenarioOf({
    pipeline: { stages: 1, microbatches: 5 },
    tensorParallel: 4,
    pipelines: 3,
  });
  const [max] = await policiesOf(scenario, profileOf([0.1]));
  t.true(isClose(max.simulatedTimeS, 5 * (0.1 + 0.2)));
  t.true(isClose(max.simulatedEnergyJ, 3 * 4 * 5 * (0.1 + 0.2) * 400));
  t.true(isClose(max.averagePowerW, 3 * 4 * 400));
  t.deepEqual([max.slowdownPct, max.savingPct, max.intrinsicPct, max.extrinsicPct], [0, 0, 0, 0]);
});

/** Every instruction at one clock. */
function allAt(frequencyMHz: number): Planner {
  return {
    name: 'slow',
    plan: (problem) =>
      new SinglePlan(
        planOfOptions('slow', problem, (i) => {
          const { allOptions } = problem.operations[problem.dag.operation[i]!]!;
          return allOptions.find((option) => option.frequencyMHz === frequencyMHz)!;
        }),
      ),
  };
}

test('planned and simulated savings have one base: max-frequency over its own time', async (t) => {
  for (const stragglers of [[], [{ pipeline: 1, slowdown: 1.4 }]]) {
    const scenario = scenarioOf({ pipelines: 2, stragglers, policies: ['max-frequency'] });
    const { policies } = await runScenario(scenario, profileOf([0.1, 0.1]), {
      more: [allAt(1200)],
    });
    const [max, slow] = policies as [PolicyResult, PolicyResult];
    t.is(max.planned!.savingPct, 0);
    t.true(slow.slowdownPct > 5, 'it is slower than max-frequency');
    const { energyJ, savingPct } = slow.planned!;
    t.true(isClose(savingPct, 100 * (1 - energyJ / max.planned!.energyJ)));
    // Both plans are executed as planned, but for ticks.
    t.true(isClose(energyJ, slow.simulatedEnergyJ, 1e-3));
    t.true(Math.abs(savingPct - slow.savingPct) < 0.02, `${savingPct} and ${slow.savingPct}`);
  }
});

test('a single stage leaves nothing to remove without slowing down', async (t) => {
  const [max, perseus] = await policiesOf(
    scenarioOf({ pipeline: { stages: 1, microbatches: 5 } }),
    profileOf([0.1]),
  );
  t.is(perseus.simulatedEnergyJ, max.simulatedEnergyJ);
  t.is(perseus.simulatedTimeS, max.simulatedTimeS);
});

test('stragglers hold the job to their slowdown, at the power of their cause', async (t) => {
  const source = profileOf([0.1, 0.13]);
  const [alone] = await policiesOf(scenarioOf({}), source);
  const wait = (timeS: number) => 2 * 80 * timeS;
  const T = alone.simulatedTimeS;
  for (const cause of ['busy', 'stall']) {
    const [max] = await policiesOf(
      scenarioOf({ pipelines: 3, stragglers: [{ pipeline: 2, slowdown: 1.5, cause }] }),
      source,
    );
    // The paper's emulation: E · sf + (n − 1) · (E + B(T' − T)); a stall waits instead.
    const straggler =
      cause === 'busy' ? 1.5 * alone.simulatedEnergyJ : alone.simulatedEnergyJ + wait(0.5 * T);
    t.true(isClose(max.simulatedTimeS, 1.5 * T), cause);
    t.true(
      isClose(max.simulatedEnergyJ, straggler + 2 * (alone.simulatedEnergyJ + wait(0.5 * T))),
      cause,
    );
  }
});

test('perseus removes both kinds of bloat, and its parts add up', async (t) => {
  const [max, perseus] = await policiesOf(
    scenarioOf({ pipelines: 3, stragglers: [{ pipeline: 0, slowdown: 1.2 }] }),
    profileOf([0.1, 0.13]),
  );
  t.true(Math.abs(perseus.slowdownPct) < 0.2, 'the straggler runs its fastest plan');
  t.true(perseus.intrinsicPct > 1);
  t.true(perseus.extrinsicPct > 1);
  t.true(isClose(perseus.savingPct, perseus.intrinsicPct + perseus.extrinsicPct));
  t.true(isClose(perseus.savingPct, 100 * (1 - perseus.simulatedEnergyJ / max.simulatedEnergyJ)));
  t.true(isClose(perseus.planned!.savingPct, perseus.savingPct, 0.2), 'plan and simulation agree');
});

test('overheads lengthen the job by what they are, and the bound knows them', async (t) => {
  const source = profileOf([0.1, 0.1]);
  const { policies: plain } = await runScenario(scenarioOf({}), source);
  const { policies, bound } = await runScenario(
    scenarioOf({ timing: { loadingS: 0.01, iterationConstantS: 0.5 } }),
    source,
    { findBound: energyBound },
  );
  const longerS = policies[0]!.simulatedTimeS - plain[0]!.simulatedTimeS;
  t.true(longerS >= 0.5 + 0.01 && longerS <= 0.5 + 4 * 0.01 + 1e-9, String(longerS));
  t.is(bound?.method, 'lp');
  for (const row of policies) t.true(row.aboveBoundPct! > -1e-9, row.policy);
  t.true(policies[1]!.aboveBoundPct! < 2);
  t.true(policies[0]!.ledger.iterationConstantJ > 0 && policies[0]!.ledger.loadingJ > 0);
});

test('planners know the overheads: the plan takes what is simulated, and slows nothing', async (t) => {
  const timing = { loadingS: 0.02, transferS: 0.03, iterationConstantS: 0.5 };
  const { policies } = await runScenario(
    scenarioOf({ timing, stragglers: [{ pipeline: 0, slowdown: 1.3, cause: 'busy' }] }),
    profileOf([0.1, 0.13]),
  );
  for (const row of policies) {
    t.true(isClose(row.planned!.timeS, row.simulatedTimeS, 0.01), row.policy);
    t.true(row.slowdownPct < 0.2, `${row.policy} slows by ${row.slowdownPct} %`);
  }
  t.true(policies[1]!.savingPct > 1);
});

test('a profile with another number of stages is refused', async (t) => {
  const error = await t.throwsAsync(runScenario(scenarioOf({}), profileOf([0.1])), {
    instanceOf: InputError,
  });
  t.is(
    error.message,
    's.yaml, pipeline.stages: found 2, but made up has 1 stages; they must be the same',
  );
});

test('progress never goes back, and ends', async (t) => {
  const parts: number[] = [];
  await runScenario(scenarioOf({}), profileOf([0.1, 0.13]), {
    onProgress: (done, total) => {
      parts.push(done / total);
    },
    findBound: energyBound,
  });
  t.deepEqual(
    parts,
    [...parts].sort((a, b) => a - b),
  );
  t.is(parts.at(-1), 1);
});

const anyScenario = fc
  .record({
    works: fc.array(fc.integer({ min: 80, max: 160 }), { minLength: 1, maxLength: 4 }),
    microbatches: fc.integer({ min: 1, max: 6 }),
    tensorParallel: fc.integer({ min: 1, max: 8 }),
    pipelines: fc.integer({ min: 1, max: 5 }),
    slowdown: fc.option(fc.double({ min: 1, max: 1.6, noNaN: true })),
    cause: fc.constantFrom('busy', 'stall'),
    scale: fc.constantFrom(1, 10),
  })
  .map(({ works, microbatches, slowdown, cause, ...rest }) => ({
    source: profileOf(works.map((work) => work / 1000)),
    scenario: scenarioOf({
      ...rest,
      pipeline: { stages: works.length, microbatches },
      unitTimeS: 1e-4,
      stragglers: slowdown === null ? [] : [{ pipeline: 0, slowdown, cause }],
    }),
  }));

test('property: no policy is below the bound, ledgers add up, more of the same is more of the same', async (t) => {
  await checkProperty(
    t,
    anyScenario,
    async ({ scenario, source }) => {
      const [max, perseus] = await policiesOf(scenario, source);
      for (const row of [max, perseus]) {
        t.true(row.aboveBoundPct! > -1e-6, `${row.policy} is ${row.aboveBoundPct!} % above`);
        const { totalJ, computeJ, totalComputeJ, ...accounts } = row.ledger;
        t.is(row.simulatedEnergyJ, totalJ);
        t.true(isClose(totalJ, totalComputeJ + Object.values(accounts).reduce((a, b) => a + b)));
        t.true(
          isClose(
            totalComputeJ,
            computeJ.reduce((a, b) => a + b),
          ),
        );
        t.true(isClose(row.averagePowerW * row.simulatedTimeS, totalJ));
      }
      if (scenario.stragglers.length === 0) t.is(perseus.extrinsicPct, 0);
      const [wide] = await policiesOf(
        { ...scenario, tensorParallel: 2 * scenario.tensorParallel },
        source,
      );
      t.is(wide.simulatedTimeS, max.simulatedTimeS);
      t.true(isClose(wide.simulatedEnergyJ, 2 * max.simulatedEnergyJ));
    },
    60,
  );
});
