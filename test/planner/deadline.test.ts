import test from 'ava';
import fc from 'fast-check';
import { perseus } from '../../src/planner/perseus/perseus.js';
import {
  perseusPlanAt,
  perseusPlanForStraggler,
} from '../../src/planner/deadline/deadline-plan.js';
import { perseusOnDemand } from '../../src/planner/deadline/plans-on-demand.js';
import type { FrequencyPlan, PlanningProblem } from '../../src/planner/planner.js';
import { InfeasibleDeadlineError } from '../../src/errors.js';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { planningProblem } from '../../src/planner/planning-problem.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { checkProperty } from '../support/properties.js';
import { anyProblem } from '../support/random-problems.js';
import { readSharedData, testWithSharedData } from '../support/shared-data.js';

function assertSame(alone: FrequencyPlan, ofFrontier: FrequencyPlan): void {
  const { durationTicks, frequencyMHz, plannedTimeS, plannedEnergyJ, planner } = ofFrontier;
  if (alone.planner !== planner) throw new Error(`made by ${alone.planner}`);
  const differ = durationTicks.findIndex((ticks, i) => ticks !== alone.durationTicks[i]);
  if (differ >= 0) {
    throw new Error(
      `instruction ${differ} takes ${alone.durationTicks[differ]!} ticks, on the frontier ${durationTicks[differ]!}`,
    );
  }
  if (frequencyMHz.some((clock, i) => clock !== alone.frequencyMHz[i])) throw new Error('clocks');
  if (alone.plannedTimeS !== plannedTimeS) throw new Error(`takes ${alone.plannedTimeS} s`);
  if (alone.plannedEnergyJ !== plannedEnergyJ) {
    throw new Error(`uses ${alone.plannedEnergyJ} J, on the frontier ${plannedEnergyJ} J`);
  }
}

/** Any problem, with lags or without, and finer ticks: ranges of up to thousands of them. */
const anyTickedProblem = fc
  .tuple(anyProblem, fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 6 }), fc.boolean())
  .map(([problem, lag, isFine]): PlanningProblem => {
    const finer = isFine ? inFinerTicks(problem, 97) : problem;
    if (lag.length === 0) return finer;
    const ownStage = Float64Array.from(finer.dag.topologicalOrder, (_, i) => lag[i % lag.length]!);
    const ticks = { ownStage, otherStage: ownStage.map((of) => 2 * of) };
    return { ...finer, lags: { ticks, exactS: ticks } };
  });

/** The same costs, linear between whole ticks of before. */
function inFinerTicks(problem: PlanningProblem, times: number): PlanningProblem {
  const operations = problem.operations.map((operation) => {
    const { costJ, minTicks, maxTicks } = operation;
    const finer = new Float64Array((costJ.length - 1) * times + 1).map((_, k) => {
      const at = Math.floor(k / times);
      const part = (k % times) / times;
      return part === 0 ? costJ[at]! : costJ[at]! + part * (costJ[at + 1]! - costJ[at]!);
    });
    return { ...operation, minTicks: minTicks * times, maxTicks: maxTicks * times, costJ: finer };
  });
  return { ...problem, operations };
}

test('plans on demand are those of the frontier, however many are asked for', async (t) => {
  const anyParts = fc.array(fc.double({ min: -0.1, max: 1.1, noNaN: true }), { maxLength: 12 });
  await checkProperty(
    t,
    fc.tuple(anyTickedProblem, anyParts),
    ([problem, parts]) => {
      const plans = perseus.plan(problem);
      const onDemand = perseusOnDemand.plan(problem);
      const [fastestS, slowestS] = [plans.fastest.plannedTimeS, plans.point(0).timeS];
      if (onDemand.pointCount !== plans.pointCount)
        throw new Error(`${onDemand.pointCount} points`);
      assertSame(onDemand.fastest, plans.fastest);
      for (const part of parts) {
        const deadlineS = fastestS + part * (slowestS - fastestS);
        assertSame(onDemand.forStraggler(deadlineS), plans.forStraggler(deadlineS));
        if (part >= 0) assertSame(onDemand.planAt(deadlineS), plans.planAt(deadlineS));
      }
      if (onDemand.point(0).energyJ !== plans.point(0).energyJ) throw new Error('another point');
      const error = t.throws(() => onDemand.planAt(fastestS - 1));
      if (!(error instanceof InfeasibleDeadlineError)) throw error;
    },
    60,
  );
});

test('one deadline alone: the clocks of the frontier', async (t) => {
  const anyPart = fc.double({ min: 0, max: 1.1, noNaN: true });
  await checkProperty(t, fc.tuple(anyTickedProblem, anyPart), ([problem, part]) => {
    const plans = perseus.plan(problem);
    const fastestS = plans.fastest.plannedTimeS;
    const slowestS = plans.point(0).timeS;
    for (const at of [0, part, 1]) {
      const deadlineS = fastestS + Math.round(at * (slowestS - fastestS));
      assertSame(perseusPlanAt(problem, deadlineS), plans.planAt(deadlineS));
    }
    const slowdown = 1 + part;
    assertSame(perseusPlanForStraggler(problem, slowdown), plans.forStraggler(slowdown * fastestS));
    const tooShortS = fastestS - 1;
    const error = t.throws(() => perseusPlanAt(problem, tooShortS));
    if (!(error instanceof InfeasibleDeadlineError)) throw error;
  });
});

for (const [job, unitTimeS] of [
  ['gpt3-175b+a100_sxm', 1e-3],
  ['gpt3-175b+a40', 1e-4],
  ['bloom+a40', 1e-3],
] as const) {
  testWithSharedData(`one deadline alone: the clocks of the frontier of ${job}`, (t) => {
    const file = `sosp24/stage_profiles/${job}_bf16.csv`;
    const profile = readStageProfile(readSharedData(file), file);
    const planning = { unitTimeS, blockingPowerW: 83.64, gpusPerStage: 1 };
    const problem = planningProblem(oneFOneB(8, 24), profile, planning);
    const plans = perseus.plan(problem);
    for (const part of [0, 0.03, 0.2, 0.5, 0.9]) {
      const index = Math.round((1 - part) * (plans.pointCount - 1));
      const { timeS } = plans.point(index);
      t.notThrows(() => {
        assertSame(perseusPlanAt(problem, timeS), plans.planAt(timeS));
      });
    }
  });
}
