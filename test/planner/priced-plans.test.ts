import test from 'ava';
import fc from 'fast-check';
import { InfeasibleDeadlineError } from '../../src/errors.js';
import { pathTimes } from '../../src/pipeline/critical-path.js';
import { perseus } from '../../src/planner/perseus/perseus.js';
import type { PlanningProblem } from '../../src/planner/planner.js';
import { pipelineWaitingW } from '../../src/planner/planning-problem.js';
import { PricedPlans } from '../../src/planner/priced/priced-plans.js';
import { checkProperty } from '../support/properties.js';
import { anyProblem } from '../support/random-problems.js';

const EFFORTS = [0, 1e3, 1e5];

/** Some problems have no lags. */
const anyLagged = fc
  .tuple(anyProblem, fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 8 }))
  .map(([problem, lag]): PlanningProblem => {
    if (lag.length === 0) return problem;
    const lagOf = (_: unknown, i: number) => lag[i % lag.length]!;
    const ownStage = Float64Array.from({ length: problem.dag.instructionCount }, lagOf);
    const ticks = { ownStage, otherStage: ownStage.map((of) => 2 * of) };
    return { ...problem, lags: { ticks, exactS: ticks } };
  });

test('the frontier’s plan is never dearer, nor cheaper by more than the bound', async (t) => {
  const anyPart = fc.double({ min: 0, max: 1.2, noNaN: true });
  await checkProperty(t, fc.tuple(anyLagged, anyPart), ([problem, part]) => {
    const frontier = perseus.plan(problem);
    const fastestS = frontier.fastest.plannedTimeS;
    const slowestS = frontier.point(0).timeS;
    const deadlineS = Math.floor(fastestS + part * (slowestS - fastestS));
    const best = frontier.planAt(deadlineS);
    const waitingW = pipelineWaitingW(problem);
    const energyJ = ({ plannedEnergyJ, plannedTimeS }: typeof best) =>
      plannedEnergyJ + waitingW * (deadlineS - plannedTimeS);
    const tolerance = 1e-9 * (1 + Math.abs(energyJ(best)));
    for (const effort of EFFORTS) {
      const plans = new PricedPlans('perseus', problem, effort);
      const plan = plans.planAt(deadlineS);
      const length = pathTimes(problem.dag, plan.durationTicks, problem.lags?.ticks).length;
      t.true(length <= deadlineS, 'it keeps the deadline');
      t.is(plan.plannedTimeS, length);
      const base = { ...best, plannedTimeS: deadlineS, plannedEnergyJ: 100 };
      const excessJ = plans.excessPct(base) + tolerance;
      t.true(energyJ(plan) >= energyJ(best) - tolerance, `${energyJ(plan)} < ${energyJ(best)}`);
      const waitedJ = waitingW * Math.max(0, Math.min(deadlineS, slowestS) - deadlineS);
      t.true(energyJ(plan) - energyJ(best) <= excessJ + waitedJ, `effort ${effort}`);
    }
  });
});

test('deadlines before the fastest plan are infeasible, those after the slowest are its', async (t) => {
  await checkProperty(t, anyLagged, (problem) => {
    const plans = new PricedPlans('perseus', problem, 1e3);
    const { plannedTimeS } = plans.fastest;
    t.throws(() => plans.planAt(plannedTimeS - 1), { instanceOf: InfeasibleDeadlineError });
    const slowest = plans.forStraggler(1e9);
    t.true(slowest.durationTicks.every((d, i) => d === maxTicks(problem, i)));
    t.is(plans.point(0).timeS, slowest.plannedTimeS);
    t.is(plans.point(plans.pointCount - 1).timeS, plannedTimeS);
    t.throws(() => plans.point(plans.pointCount), { instanceOf: RangeError });
  });
});

function maxTicks({ dag, operations }: PlanningProblem, i: number): number {
  return operations[dag.operation[i]!]!.maxTicks;
}
