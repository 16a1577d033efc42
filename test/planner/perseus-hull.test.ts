import test from 'ava';
import fc from 'fast-check';
import { realise } from '../../sim/judge/judge-planner.js';
import { suiteCases } from '../../sim/judge/suites.js';
import { energyBound } from '../../sim/run/energy-bound.js';
import { LIBRARY } from '../../sim/disk/catalog-files.js';
import { loadScenarioObject } from '../../sim/scenario/scenario.js';
import { scenarioSetting } from '../../sim/scenario/scenario-setting.js';
import { pathTimes } from '../../src/pipeline/critical-path.js';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { isDiscreteFeasible, loadDiscreteOracle } from '../../src/planner/discrete-oracle.js';
import { clockChoices, type ClockChoices } from '../../src/planner/perseus-hull/clock-choices.js';
import { perseusHull } from '../../src/planner/perseus-hull/perseus-hull.js';
import { perseus } from '../../src/planner/perseus/perseus.js';
import type { FrequencyPlan, PlanningProblem } from '../../src/planner/planner.js';
import { planningProblem } from '../../src/planner/planning-problem.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { anyTinyProblem } from '../support/tiny-problems.js';
import { checkProperty } from '../support/properties.js';
import { readSharedData, testWithSharedData } from '../support/shared-data.js';

const BLOCKING_W = 83.64;

function realisedPlan({ dag, operations, blockingPowerW }: PlanningProblem, plan: FrequencyPlan) {
  const option = Array.from(plan.frequencyMHz, (clock, i) =>
    operations[dag.operation[i]!]!.allOptions.find((o) => o.frequencyMHz === clock)!,
  );
  const { length } = pathTimes(
    dag,
    option.map((o) => o.timeS),
  );
  const busyJ = option.reduce((sum, o) => sum + o.energyJ - blockingPowerW * o.timeS, 0);
  return { timeS: length, energyJ: busyJ + dag.stageCount * blockingPowerW * length };
}

// The loss of Perseus by rounding, at its actual time: measured on the reference.
const PUBLISHED_GAPS = [
  ['gpt3-175b+a100_sxm', 1, 1.13],
  ['gpt3-175b+a100_sxm', 1.05, 1.21],
  ['bloom+a100_sxm', 1, 0.91],
] as const;

for (const [job, slowdown, gapPct] of PUBLISHED_GAPS) {
  testWithSharedData(`most of what rounding loses is won back: ${job}, T' = ${slowdown}`, (t) => {
    const file = `sosp24/stage_profiles/${job}_bf16.csv`;
    const profile = readStageProfile(readSharedData(file), file);
    const dag = oneFOneB(8, 12);
    const planning = { unitTimeS: 1e-3, blockingPowerW: BLOCKING_W, gpusPerStage: 1 };
    const problem = planningProblem(dag, profile, planning);
    const plans = perseus.plan(problem);
    const deadlineS = slowdown * plans.fastest.plannedTimeS;
    const published = realisedPlan(problem, plans.forStraggler(deadlineS));
    const bound = energyBound({ dag, problem, planning });
    const leastJ = bound.ofJob({ pipelines: 1, stragglers: [] }, published.timeS);
    const ours = realisedPlan(problem, perseusHull.plan(problem).planAt(published.timeS));
    const waitingJ = 8 * BLOCKING_W * (published.timeS - ours.timeS);
    const above = (energyJ: number) => 100 * (energyJ / leastJ - 1);
    t.is(above(published.energyJ).toFixed(2), gapPct.toFixed(2));
    t.true(ours.timeS <= published.timeS);
    t.log(
      `${gapPct} % above the least energy becomes ${above(ours.energyJ + waitingJ).toFixed(3)} %`,
    );
    t.true(above(ours.energyJ + waitingJ) < gapPct / 2);
  });
}

test('plans promise what the simulator makes of them, and keep their deadlines', (t) => {
  for (const { name, scenario, source } of suiteCases('smoke', [])) {
    const setting = scenarioSetting(scenario, source);
    const plans = perseusHull.plan(setting.problem);
    const fastestS = plans.fastest.plannedTimeS;
    for (const factor of [1, 1.03, 1.17, 1.5]) {
      const plan = plans.planAt(factor * fastestS);
      const { timeS, energyJ } = realise(setting, plan);
      t.true(timeS <= factor * fastestS * (1 + 1e-9), name);
      t.true(Math.abs(timeS / plan.plannedTimeS - 1) < 1e-9, name);
      t.true(Math.abs(energyJ / plan.plannedEnergyJ - 1) < 1e-9, name);
    }
  }
});

const anySmallProblem = anyTinyProblem({ energiesJ: [1, 100], clocks: 4, blockingPowerW: 0.5 });

/** Tries every choice of clocks. */
function bruteForce(
  { dag }: PlanningProblem,
  choices: readonly ClockChoices[],
  deadlineS: number,
): number {
  const timeS = new Float64Array(dag.instructionCount);
  let least = Infinity;
  const visit = (i: number, costJ: number): void => {
    if (i === dag.instructionCount) {
      if (costJ < least && pathTimes(dag, timeS).length <= deadlineS) least = costJ;
      return;
    }
    const of = choices[dag.operation[i]!]!;
    of.timeS.forEach((t, k) => {
      timeS[i] = t;
      visit(i + 1, costJ + of.effectiveJ[k]!);
    });
  };
  visit(0, 0);
  return least;
}

test('the integer program equals brute force, and no plan beats it', async (t) => {
  const oracle = await loadDiscreteOracle();
  let plans = 0;
  let best = 0;
  await checkProperty(
    t,
    fc.tuple(anySmallProblem, fc.double({ min: 1, max: 1.8, noNaN: true })),
    ([problem, factor]) => {
      const { dag, operations, blockingPowerW } = problem;
      const choices = operations.map((op) => clockChoices(op, blockingPowerW));
      const costs = choices.map(({ timeS, effectiveJ }) =>
        Array.from(timeS, (duration, k) => ({ duration, costJ: effectiveJ[k]! })),
      );
      const fastestS = pathTimes(
        dag,
        Float64Array.from(dag.operation, (op) => choices[op]!.timeS[0]!),
      ).length;
      // Whole seconds: no sum is a rounding away from the deadline.
      const deadlineS = Math.floor(factor * fastestS) + 0.5;
      const leastJ = bruteForce(problem, choices, deadlineS);
      if (!isDiscreteFeasible({ dag, costs })) throw new Error('small enough, but refused');
      const found = oracle.optimum({ dag, costs }, deadlineS)!.costJ;
      if (Math.abs(found - leastJ) > 1e-6) throw new Error(`MIP ${found}, brute force ${leastJ}`);
      const { timeS, energyJ } = realisedPlan(problem, perseusHull.plan(problem).planAt(deadlineS));
      const planJ = energyJ - dag.stageCount * blockingPowerW * timeS;
      if (timeS > deadlineS) throw new Error(`${timeS} s is beyond ${deadlineS} s`);
      if (planJ < leastJ - 1e-6) throw new Error(`plan ${planJ} below the least ${leastJ}`);
      plans++;
      if (planJ < leastJ + 1e-6) best++;
    },
    100,
  );
  t.log(`${best} of ${plans} plans are the best there are`);
  t.true(best > 0.8 * plans);
});

test('coarse ticks of the problem cost perseus-hull next to nothing, at T_min too', (t) => {
  const planned = (unitTimeS: number) => {
    const { scenario, profile } = loadScenarioObject(
      {
        ...{ name: 'coarse', profile: { model: 'llama-3-70b', gpu: 'h100-sxm', microbatch: 1 } },
        ...{ pipeline: { stages: 8, microbatches: 32 }, tensorParallel: 8, unitTimeS },
      },
      'coarse',
      LIBRARY,
    );
    return perseusHull.plan(scenarioSetting(scenario, profile).problem).fastest;
  };
  const [fine, coarse] = [planned(2e-5), planned(2e-4)];
  t.is(coarse.plannedTimeS, fine.plannedTimeS);
  const morePct = 100 * (coarse.plannedEnergyJ / fine.plannedEnergyJ - 1);
  t.true(Math.abs(morePct) < 0.02, `${morePct} % more`);
});
