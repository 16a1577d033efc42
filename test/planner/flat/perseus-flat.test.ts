import { readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { paperProfiles } from '../../../sim/cli/paper-profiles.js';
import { realise } from '../../../sim/judge/judge-planner.js';
import { suiteCases } from '../../../sim/judge/suites.js';
import { scenarioSetting } from '../../../sim/scenario/scenario-setting.js';
import { InfeasibleDeadlineError } from '../../../src/errors.js';
import { pathTimes } from '../../../src/pipeline/critical-path.js';
import { oneFOneB } from '../../../src/pipeline/one-f-one-b.js';
import { flatWithin, perseusFlat } from '../../../src/planner/flat/perseus-flat.js';
import { powerVariance } from '../../../src/planner/flat/power-variance.js';
import { perseusHull } from '../../../src/planner/perseus-hull/perseus-hull.js';
import { perseus } from '../../../src/planner/perseus/perseus.js';
import type { FrequencyPlan, PlanningProblem } from '../../../src/planner/planner.js';
import { pipelineWaitingW } from '../../../src/planner/planning-problem.js';
import type { ExecutionOption } from '../../../src/profile/stage-profile.js';
import {
  jobsOfPower,
  plansOfPower,
  powersOfPlans,
  powerTable,
} from '../../bench/power-of-plans.js';
import { projectFile } from '../../support/files.js';
import { anyTinyProblem } from '../../support/tiny-problems.js';
import { checkProperty } from '../../support/properties.js';

/** Time, energy of one GPU of each stage, and swing (W) of clocks over a period. */
function executed(problem: PlanningProblem, options: readonly ExecutionOption[], periodS: number) {
  const { dag, blockingPowerW, lags } = problem;
  const timeS = Float64Array.from(options, (option) => option.timeS);
  const powerW = Float64Array.from(options, (o) => o.energyJ / o.timeS - blockingPowerW);
  const aboveJ = options.reduce((sum, o) => sum + o.energyJ - blockingPowerW * o.timeS, 0);
  return {
    lengthS: pathTimes(dag, timeS, lags?.exactS).length,
    energyJ: aboveJ + dag.stageCount * blockingPowerW * periodS,
    swingW: Math.sqrt(powerVariance(dag, { timeS, powerW }, periodS, lags?.exactS)),
  };
}

function executedPlan(problem: PlanningProblem, plan: FrequencyPlan, periodS: number) {
  const options = Array.from(plan.frequencyMHz, (clock, i) => {
    const { allOptions } = problem.operations[problem.dag.operation[i]!]!;
    return allOptions.find(({ frequencyMHz }) => frequencyMHz === clock)!;
  });
  return executed(problem, options, periodS);
}

test('variance of power over a period, by hand', (t) => {
  const dag = oneFOneB(1, 1);
  const clocks = { timeS: Float64Array.of(1, 2), powerW: Float64Array.of(30, 60) };
  // 30 W for 1 s, 60 W for 2 s, nothing for 1 s: mean 37.5 W, mean square 2025 W².
  t.is(powerVariance(dag, clocks, 4), 2025 - 37.5 ** 2);
  const two = oneFOneB(2, 1);
  // Forwards of both stages, then backwards: 1 s each, one after the other.
  const flat = { timeS: new Float64Array(4).fill(1), powerW: new Float64Array(4).fill(50) };
  t.is(powerVariance(two, flat, 4), 0);
  t.is(powerVariance(two, flat, 5), 4 * 500 - 40 ** 2);
});

for (const { name, scenario, source } of suiteCases('smoke', [])) {
  test(`deadlines, promises, energy and swing: ${name}`, (t) => {
    const setting = scenarioSetting(scenario, source);
    const { problem } = setting;
    const plans = perseusFlat.plan(problem);
    const [hull, published] = [perseusHull.plan(problem), perseus.plan(problem)];
    const fastestS = hull.fastest.plannedTimeS;
    t.is(plans.fastest.plannedTimeS, fastestS);
    for (const factor of [1, 1.07, 1.3]) {
      const deadlineS = factor * fastestS;
      const plan = plans.forStraggler(deadlineS);
      const simulated = realise(setting, plan);
      t.true(simulated.timeS <= deadlineS * (1 + 1e-9));
      t.true(Math.abs(simulated.timeS / plan.plannedTimeS - 1) < 1e-9);
      t.true(Math.abs(simulated.energyJ / plan.plannedEnergyJ - 1) < 1e-9);
      const ours = executedPlan(problem, plan, deadlineS);
      const least = executedPlan(problem, hull.forStraggler(deadlineS), deadlineS);
      // 1 % above the least that was found, which is up to 0.2 % above perseus-hull's.
      t.true(ours.energyJ <= least.energyJ * 1.012);
      // A hull plan is none of the starts, and may be flatter by chance where few clocks matter.
      t.true(ours.swingW <= 1.03 * least.swingW);
      const theirs = executedPlan(problem, published.forStraggler(deadlineS), deadlineS);
      t.true(ours.energyJ <= 1.01 * theirs.energyJ * (1 + 1e-9));
      t.true(ours.swingW <= theirs.swingW * (1 + 1e-9));
    }
  });
}

test('a frontier that goes from slow to fast, and deadlines that cannot be met', (t) => {
  const [first] = suiteCases('smoke', []);
  const { problem } = scenarioSetting(first!.scenario, first!.source);
  const plans = perseusFlat.plan(problem);
  t.is(plans.pointCount, 9);
  const points = Array.from({ length: 9 }, (_, k) => plans.point(k));
  const waitingW = pipelineWaitingW(problem);
  points.slice(1).forEach(({ timeS, energyJ }, k) => {
    t.true(timeS < points[k]!.timeS);
    // Above waiting, less time costs more; flatness may cost 1 %.
    const aboveJ = (point: (typeof points)[number]) => point.energyJ - waitingW * point.timeS;
    t.true(aboveJ({ timeS, energyJ }) > aboveJ(points[k]!) - 0.01 * energyJ);
  });
  t.is(points[8]!.timeS, plans.fastest.plannedTimeS);
  t.throws(() => plans.planAt(points[8]!.timeS * 0.999), { instanceOf: InfeasibleDeadlineError });
  t.throws(() => plans.point(9), { message: 'point 9 of a frontier of 9 points' });
  t.is(plans.planAt(1e9), plans.planAt(points[0]!.timeS));
});

test('more energy buys flatness; none leaves little', (t) => {
  const job = suiteCases('paper', paperProfiles('compare')).find(({ name }) =>
    name.startsWith('gpt3-175b-a100-sxm, 12 '),
  )!;
  const { problem } = scenarioSetting(job.scenario, job.source);
  const deadlineS = 1.2 * perseusHull.plan(problem).fastest.plannedTimeS;
  const swings = [0, 1, 3].map((pct) => {
    const plan = flatWithin('flat', pct).plan(problem).forStraggler(deadlineS);
    const { energyJ, swingW } = executedPlan(problem, plan, deadlineS);
    return Math.round((1000 * swingW * deadlineS) / energyJ) / 10;
  });
  const perseusPlan = perseus.plan(problem).forStraggler(deadlineS);
  const { energyJ, swingW } = executedPlan(problem, perseusPlan, deadlineS);
  // Percent of mean power.
  t.is(Math.round((1000 * swingW * deadlineS) / energyJ) / 10, 28.1);
  t.deepEqual(swings, [22.9, 15.7, 11.8]);
  t.throws(() => flatWithin('flat', NaN), {
    message: 'found NaN % of the least energy, expected 0 or more',
  });
});

/** The flattest of all choices within 1 % of the least energy, by trying every one. */
function bruteForce(problem: PlanningProblem, periodsS: readonly number[]) {
  const { dag, operations } = problem;
  const options = new Array<ExecutionOption>(dag.instructionCount);
  const found = periodsS.map(() => [] as { energyJ: number; swingW: number }[]);
  const visit = (i: number): void => {
    if (i < options.length) {
      for (const option of operations[dag.operation[i]!]!.allOptions) {
        options[i] = option;
        visit(i + 1);
      }
      return;
    }
    periodsS.forEach((periodS, k) => {
      const { lengthS, ...rest } = executed(problem, options, periodS);
      if (lengthS <= periodS * (1 + 1e-12)) found[k]!.push(rest);
    });
  };
  visit(0);
  return found.map((choices) => {
    const leastJ = choices.reduce((least, { energyJ }) => Math.min(least, energyJ), Infinity);
    const within = choices.filter(({ energyJ }) => energyJ <= 1.01 * leastJ);
    return { leastJ, swingW: within.reduce((a, { swingW }) => Math.min(a, swingW), Infinity) };
  });
}

const anySmallProblem = anyTinyProblem({ energiesJ: [100, 900], clocks: 3, blockingPowerW: 5 });

test('small pipelines: within the deadline and the energy, near the best choice of clocks', async (t) => {
  const gaps: number[] = [];
  const anyCase = fc.tuple(anySmallProblem, fc.constantFrom(1, 1.1, 1.3));
  const holds = ([problem, factor]: [PlanningProblem, number]) => {
    const plans = perseusFlat.plan(problem);
    const periodS = factor * plans.fastest.plannedTimeS;
    const ours = executedPlan(problem, plans.forStraggler(periodS), periodS);
    const [best] = bruteForce(problem, [periodS]);
    t.true(ours.lengthS <= periodS * (1 + 1e-9));
    const theirs = executedPlan(problem, perseus.plan(problem).forStraggler(periodS), periodS);
    if (theirs.lengthS <= periodS) t.true(ours.energyJ <= 1.01 * theirs.energyJ * (1 + 1e-9));
    if (theirs.lengthS <= periodS && theirs.energyJ <= 1.01 * best!.leastJ) {
      t.true(ours.swingW <= theirs.swingW * (1 + 1e-9));
    }
    if (ours.energyJ <= 1.01 * best!.leastJ) gaps.push(ours.swingW - best!.swingW);
  };
  await checkProperty(t, anyCase, holds);
  t.true(gaps.every((gap) => gap > -1e-6));
  const share = gaps.filter((gap) => gap < 1e-6).length / gaps.length;
  t.log(`the best choice in ${(100 * share).toFixed(0)} % of ${gaps.length} problems`);
  t.true(share > 0.8);
});

test('results/power.md has the tables of these plans', (t) => {
  const written = readFileSync(projectFile('results/power.md'), 'utf8');
  const named = 'gpt3-175b-a40-mb12';
  const { setting } = jobsOfPower().find(({ name }) => name === named)!;
  const table = powerTable(named, powersOfPlans(setting, plansOfPower(setting)));
  t.true(written.includes(table), table);
});
