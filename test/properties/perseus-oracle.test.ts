import test from 'ava';
import fc from 'fast-check';
import { pathTimes } from '../../src/pipeline/critical-path.js';
import { loadOracle } from '../../src/planner/oracle.js';
import { MinCutWalk } from '../../src/planner/perseus/min-cut-walk.js';
import { finishNode, SINK, SOURCE, startNode } from '../../src/planner/perseus/network.js';
import { perseus } from '../../src/planner/perseus/perseus.js';
import type { PlanningProblem } from '../../src/planner/planner.js';
import { checkProperty } from '../support/properties.js';
import { anyProblem } from '../support/random-problems.js';

function costOf({ dag, operations }: PlanningProblem, durationTicks: Int32Array): number {
  let costJ = 0;
  durationTicks.forEach((d, i) => {
    const operation = operations[dag.operation[i]!]!;
    costJ += operation.costJ[d - operation.minTicks]!;
  });
  return costJ;
}

test('the frontier equals the LP optimum at every point', async (t) => {
  const oracle = await loadOracle();
  await checkProperty(t, anyProblem, (problem) => {
    const { dag, operations, blockingPowerW } = problem;
    const costs = operations.map(({ costJ, minTicks }) =>
      Array.from(costJ, (cost, k) => ({ duration: minTicks + k, costJ: cost })),
    );
    const plans = perseus.plan(problem);
    for (let k = 0; k < plans.pointCount; k++) {
      const { timeS, energyJ } = plans.point(k);
      const optimum = oracle.optimum({ dag, costs }, timeS);
      const bestJ = optimum!.costJ + dag.stageCount * blockingPowerW * timeS;
      if (Math.abs(energyJ - bestJ) > 1e-6 * Math.max(1, bestJ)) {
        throw new Error(`at T = ${timeS}: planned ${energyJ} J, optimum ${bestJ} J`);
      }
    }
    const fastest = plans.point(plans.pointCount - 1).timeS;
    if (oracle.optimum({ dag, costs }, fastest - 1) !== undefined) {
      throw new Error(`T_min is ${fastest}, but the LP finds a faster schedule`);
    }
  });
});

test('rebuilt plans keep their promises', async (t) => {
  await checkProperty(t, anyProblem, (problem) => {
    const plans = perseus.plan(problem);
    for (let k = 0; k < plans.pointCount; k++) {
      const { timeS, energyJ } = plans.point(k);
      const plan = plans.planAt(timeS);
      const length = pathTimes(problem.dag, plan.durationTicks).length;
      const costJ =
        costOf(problem, plan.durationTicks) +
        problem.dag.stageCount * problem.blockingPowerW * timeS;
      if (length > timeS) throw new Error(`plan for ${timeS} takes ${length}`);
      if (Math.abs(costJ - energyJ) > 1e-9 * Math.max(1, energyJ)) {
        throw new Error(`plan for ${timeS} uses ${costJ} J, frontier says ${energyJ} J`);
      }
      // Points between steps are interpolated, plans are summed: their last digits differ.
      const offJ = Math.abs(plan.plannedEnergyJ - energyJ);
      if (plan.plannedTimeS !== timeS || offJ > 1e-13 * Math.abs(energyJ)) {
        throw new Error(`the plan and its frontier point differ by ${offJ} J`);
      }
    }
  });
});

/** The requirements of planner.md on the state after every step. */
function assertInvariants(walk: MinCutWalk, problem: PlanningProblem): void {
  const { network } = walk;
  const { dag, operations } = problem;
  const fail = (what: string): never => {
    throw new Error(`${what} at length ${walk.lengthTicks}`);
  };
  const balance = new Float64Array(network.nodeCount);
  for (let a = 0; a < network.arcCount; a++) {
    const flow = walk.flowOn(a);
    const isInstruction = a < network.instructionCount;
    if (walk.slackTicks[a]! < 0) fail(`arc ${a} has negative slack`);
    if (walk.slackTicks[a]! > 0) {
      if (flow !== 0) fail(`arc ${a} carries flow though it has slack`);
      const slowest = isInstruction && operations[dag.operation[a]!]!.maxTicks;
      if (isInstruction && walk.durationTicks[a] !== slowest) fail(`slack arc ${a} is not slowest`);
    }
    if (!Number.isInteger(flow)) fail(`arc ${a} carries a fraction: ${flow}`);
    if (flow < walk.lowerBound(a) || flow > walk.upperBound(a)) fail(`arc ${a} out of bounds`);
    balance[network.head[network.forth[a]!]!]! += flow;
    balance[network.arcTail[a]!]! -= flow;
  }
  balance.forEach((excess, v) => {
    if (v !== SOURCE && v !== SINK && excess !== 0) fail(`node ${v} has ${excess} too much flow`);
  });
  assertPotentials(walk, fail);
}

/** Whole-number node times exist that explain every arc's slack and the length. */
function assertPotentials(walk: MinCutWalk, fail: (what: string) => never): void {
  const { network } = walk;
  const time = new Float64Array(network.nodeCount).fill(NaN);
  time[SOURCE] = 0;
  const queue = [SOURCE];
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    for (let h = network.halfArcStart[node]!; h < network.halfArcStart[node + 1]!; h++) {
      const arc = network.arcOf[h]!;
      const span = walk.slackTicks[arc]! + (walk.durationTicks[arc] ?? 0);
      const there = time[node]! + (h === network.forth[arc] ? span : -span);
      const other = network.head[h]!;
      if (Number.isNaN(time[other]!)) {
        time[other] = there;
        queue.push(other);
      } else if (time[other] !== there) fail(`arc ${arc} contradicts the node times`);
    }
  }
  if (time[SINK] !== walk.lengthTicks) fail(`the sink is at ${time[SINK]!}`);
}

test('every invariant of the walk holds after every step', async (t) => {
  await checkProperty(t, anyProblem, (problem) => {
    const walk = new MinCutWalk(problem);
    let length = walk.lengthTicks;
    let costJ = costOf(problem, walk.durationTicks);
    let slope = 0;
    while (walk.advance()) {
      assertInvariants(walk, problem);
      if (walk.lengthTicks !== length - walk.stepTicks || walk.stepTicks < 1) {
        throw new Error(`from ${length} to ${walk.lengthTicks}`);
      }
      const nextCostJ = costOf(problem, walk.durationTicks);
      const nextSlope = (nextCostJ - costJ) / walk.stepTicks;
      if (nextSlope < slope - 1e-9) throw new Error(`the cost is not convex at ${length}`);
      if (pathTimes(problem.dag, walk.durationTicks).length > walk.lengthTicks) {
        throw new Error('the plan is longer than it says');
      }
      length = walk.lengthTicks;
      costJ = nextCostJ;
      slope = nextSlope;
    }
    const fastest = Int32Array.from(
      problem.dag.operation,
      (op) => problem.operations[op]!.minTicks,
    );
    t.is(length, pathTimes(problem.dag, fastest).length);
  });
});

test('nodes are numbered as the network says', (t) => {
  t.deepEqual([startNode(0), finishNode(0), startNode(3), finishNode(3)], [2, 3, 8, 9]);
});

test('lags between instructions: the frontier counts them', async (t) => {
  const lag = fc.integer({ min: 0, max: 4 });
  const withLags = anyProblem.chain((problem) => {
    const n = problem.dag.instructionCount;
    const lags = fc.array(lag, { minLength: n, maxLength: n });
    return fc
      .record({ ownStage: lags, otherStage: lags })
      .map((ticks) => ({ ...problem, lags: { ticks, exactS: ticks } }));
  });
  const oracle = await loadOracle();
  await checkProperty(
    t,
    withLags,
    (problem) => {
      const { dag, operations, lags, blockingPowerW } = problem;
      const costs = operations.map(({ costJ, minTicks }) =>
        Array.from(costJ, (cost, k) => ({ duration: minTicks + k, costJ: cost })),
      );
      const plans = perseus.plan(problem);
      for (const k of [0, plans.pointCount >> 1, plans.pointCount - 1]) {
        const { timeS, energyJ } = plans.point(k);
        const optimum = oracle.optimum({ dag, costs, lags: lags.ticks }, timeS)!;
        const bestJ = optimum.costJ + dag.stageCount * blockingPowerW * timeS;
        if (Math.abs(energyJ - bestJ) > 1e-6 * Math.max(1, bestJ)) {
          throw new Error(`at T = ${timeS}: planned ${energyJ} J, optimum ${bestJ} J`);
        }
        const { durationTicks } = plans.planAt(timeS);
        if (pathTimes(dag, durationTicks, lags.ticks).length > timeS) {
          throw new Error('the plan is too slow');
        }
      }
      const fastest = Int32Array.from(dag.operation, (op) => operations[op]!.minTicks);
      const shortest = pathTimes(dag, fastest, lags.ticks).length;
      if (plans.point(plans.pointCount - 1).timeS !== shortest) throw new Error('not the fastest');
    },
    100,
  );
});
