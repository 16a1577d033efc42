import test from 'ava';
import { InputError } from '../../src/errors.js';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { perseus } from '../../src/planner/perseus/perseus.js';
import { planningProblem } from '../../src/planner/planning-problem.js';
import { planOfOptions } from '../../src/planner/single-plan.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { givenPlanner, planOfClocks } from '../../sim/plans/given-plan.js';
import { clocksOfPlan, zeusPlan } from '../../sim/plans/plan-clocks.js';
import type { PlanFile } from '../../sim/plans/plan-file.js';
import { readPlanFile } from '../../sim/plans/read-plan.js';
import { zeusText } from '../../sim/plans/zeus-file.js';
import { readFileSync } from 'node:fs';
import { projectFile } from '../support/files.js';

const PROFILE = readStageProfile(
  readFileSync(projectFile('test/fixtures/good/two-stages.csv'), 'utf8'),
  'two-stages.csv',
);

/** Two stages, two microbatches, on three GPUs each: floats do not divide evenly by three. */
const PROBLEM = planningProblem(oneFOneB(2, 2), PROFILE, {
  unitTimeS: 0.0001,
  blockingPowerW: 80,
  gpusPerStage: 3,
});
const CLOCKS = PROBLEM.operations[0]!.allOptions.map(({ frequencyMHz }) => frequencyMHz);
const HIGHEST = CLOCKS[0]!;
const LOWEST = CLOCKS.at(-1)!;

/** A file of clocks alone. */
function file(clocks: readonly (readonly number[])[]): PlanFile {
  const text = JSON.stringify(clocks);
  return readPlanFile(text, 'plan.py');
}

test('every plan of a frontier comes back to the bit from its file', (t) => {
  const plans = perseus.plan(PROBLEM);
  for (let k = 0; k < plans.pointCount; k += 7) {
    const plan = plans.planAt(plans.point(k).timeS);
    const slower = k === 0 ? undefined : plans.point(k - 1);
    const text = zeusText(zeusPlan(plan, PROBLEM, k, slower));
    const read = readPlanFile(text, 'plan.py');
    t.is(zeusText(read), text, 'and so does the file');
    const back = planOfClocks('given', read, PROBLEM);
    t.is(back.plannedTimeS, plan.plannedTimeS);
    t.is(back.plannedEnergyJ, plan.plannedEnergyJ);
    t.deepEqual(back.frequencyMHz, plan.frequencyMHz);
  }
});

test('costs are those of one GPU of each stage; with P2P adds stages · T · blocking power', (t) => {
  const plans = perseus.plan(PROBLEM);
  const plan = plans.fastest;
  const last = plans.pointCount - 1;
  const { costs } = zeusPlan(plan, PROBLEM, last, plans.point(last - 1));
  t.is(3 * costs!.withWaitingJ, plan.plannedEnergyJ);
  const waitingJ = 2 * 80 * plan.plannedTimeS;
  t.true(Math.abs(costs!.withWaitingJ - waitingJ - costs!.totalJ) < 1e-9);
  const fittedJ = Array.from(plan.durationTicks, (ticks, i) => {
    const { costJ, minTicks } = PROBLEM.operations[PROBLEM.dag.operation[i]!]!;
    return costJ[ticks - minTicks]!;
  }).reduce((sum, costJ) => sum + costJ);
  t.true(Math.abs(costs!.totalJ / fittedJ - 1) < 1e-12, 'Σ fitted cost');
  t.true(costs!.changeJ! > 0, 'being faster costs');
});

test('a promise made for another job is not believed: the clocks have their measured energy', (t) => {
  const plan = perseus.plan(PROBLEM).fastest;
  const clocks = clocksOfPlan(plan, PROBLEM.dag);
  const right = zeusPlan(plan, PROBLEM, 0);
  const { totalJ, withWaitingJ } = right.costs!;
  const other = { totalJ: totalJ * 3, withWaitingJ: withWaitingJ * 3 };
  const options = Array.from(plan.frequencyMHz, (clock, i) => {
    const { allOptions } = PROBLEM.operations[PROBLEM.dag.operation[i]!]!;
    return allOptions.find((option) => option.frequencyMHz === clock)!;
  });
  const plain = planOfOptions('given', PROBLEM, (i) => options[i]!);
  const given = planOfClocks('given', { source: 'p', clocks, costs: other }, PROBLEM);
  t.deepEqual(given, plain);
  t.not(plain.plannedEnergyJ, plan.plannedEnergyJ);
  t.is(planOfClocks('g', { source: 'p', ...right }, PROBLEM).plannedEnergyJ, plan.plannedEnergyJ);
});

test('0 MHz leaves the clock of the instruction before, also of the iteration before', (t) => {
  const plan = planOfClocks(
    'given',
    file([
      [0, LOWEST, 0, HIGHEST],
      [0, 0, 0, 0],
    ]),
    PROBLEM,
  );
  t.deepEqual(
    [...plan.frequencyMHz],
    [HIGHEST, LOWEST, LOWEST, HIGHEST, ...new Array<number>(4).fill(HIGHEST)],
  );
});

function messageOf(plan: PlanFile): string {
  const error = t0(() => givenPlanner('given', [plan]).plan(PROBLEM));
  return error.message;
}

function t0(run: () => unknown): InputError {
  try {
    run();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('no problem was found');
}

test('a plan of another shape is refused with all that differs', (t) => {
  t.is(
    messageOf(file([[1410, 1410, 1410, 1410]])),
    'plan.py: has clocks of 1 stages, but the job has 2',
  );
  t.is(
    messageOf(file([[1410], [1410], [1410], [1410]])),
    'plan.py: has clocks of 4 stages, but the job has 2; keep one list of each stage',
  );
  t.is(
    messageOf(file([[HIGHEST], [HIGHEST, HIGHEST, HIGHEST, HIGHEST, HIGHEST]])),
    [
      'plan.py, stage 0: has 1 instructions, but the job has 4 (1f1b, 2 microbatches)',
      'plan.py, stage 1: has 5 instructions, but the job has 4 (1f1b, 2 microbatches)',
    ].join('\n'),
  );
  const [forward, backward] = ['forward', 'backward'].map((kind) => `("${kind}", ${HIGHEST})`);
  const text = `[[${[forward, backward, forward, backward].join()}], [${[forward, backward, backward, forward].join()}]]`;
  t.is(
    messageOf(readPlanFile(text, 'plan.py')),
    [
      "plan.py, stage 0: its instruction 1 is a backward, but a forward in the job's schedule, 1f1b; both must run the instructions in the same order",
      "plan.py, stage 1: its instruction 2 is a backward, but a forward in the job's schedule, 1f1b; both must run the instructions in the same order",
    ].join('\n'),
  );
});

test('clocks that were not measured are refused, with the nearest ones', (t) => {
  const between = (CLOCKS[0]! + CLOCKS[1]!) / 2;
  const of = `the profile's ${CLOCKS.length} clocks from ${LOWEST} to ${HIGHEST} MHz`;
  t.is(
    messageOf(
      file([
        [between, between, HIGHEST, HIGHEST],
        [4000, HIGHEST, HIGHEST, 150],
      ]),
    ),
    [
      `plan.py, stage 0: found ${between} MHz for 2 of its forward instructions, the first of them instruction 0, expected one of ${of}, such as ${CLOCKS[1]!} or ${HIGHEST}`,
      `plan.py, stage 1: found 4000 MHz for 1 of its forward instructions, the first of them instruction 0, expected one of ${of}, such as ${HIGHEST}`,
      `plan.py, stage 1: found 150 MHz for 1 of its backward instructions, the first of them instruction 3, expected one of ${of}, such as ${LOWEST}`,
    ].join('\n'),
  );
});

test('of a frontier, the slowest plan in time is chosen, and none that a faster one beats', (t) => {
  const plans = perseus.plan(PROBLEM);
  const numbers = [0, 20, 40, plans.pointCount - 1];
  const files = numbers.map((k): PlanFile => ({
    source: `p${k}`,
    ...zeusPlan(plans.planAt(plans.point(k).timeS), PROBLEM, k),
  }));
  // One that no straggler is slow enough for: as slow as the slowest, and dearer.
  const wasteful = file([
    [LOWEST, LOWEST, LOWEST, LOWEST],
    [LOWEST, LOWEST, LOWEST, LOWEST],
  ]);
  const given = givenPlanner('given', [...files, wasteful]).plan(PROBLEM);
  const timeOf = (k: number) => plans.point(k).timeS;
  t.is(given.fastest.plannedTimeS, timeOf(plans.pointCount - 1));
  t.is(given.forStraggler(timeOf(20)).plannedTimeS, timeOf(20));
  t.is(given.forStraggler(timeOf(20) - 1e-6).plannedTimeS, timeOf(40));
  t.is(given.forStraggler(0).plannedTimeS, given.fastest.plannedTimeS);
  t.is(given.planAt(timeOf(0)).plannedTimeS, timeOf(0));
  t.throws(() => given.planAt(timeOf(plans.pointCount - 1) - 1e-4), {
    name: 'InfeasibleDeadlineError',
  });
});
