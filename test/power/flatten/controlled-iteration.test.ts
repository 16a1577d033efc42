import test from 'ava';
import fc from 'fast-check';
import { bookEnergy } from '../../../sim/energy/ledger.js';
import { FlatteningSum, totalOfAccountsJ } from '../../../sim/power/flatten/flattening-accounts.js';
import {
  controlledIteration,
  restingStates,
} from '../../../sim/power/flatten/controlled-iteration.js';
import { GpuCourse, type GpuControls } from '../../../sim/power/flatten/gpu-course.js';
import { staggered } from '../../../sim/power/flatten/staggered.js';
import { jobSteps } from '../../../sim/power/trace/job-steps.js';
import { simulateJob } from '../../../sim/training/job.js';
import { checkProperty } from '../../support/properties.js';
import { anyJobShape, jobOfShape, type JobShape } from '../../support/random-jobs.js';
import { closeTo, stepsEnergyJ } from '../../support/power-steps.js';

const GPUS = {
  blockingPowerW: 83.64,
  communicationPowerW: 120.5,
  synchronisationPowerW: 97.25,
  gpusPerStage: 8,
};

const iterationOf = (shape: JobShape) => {
  const job = jobOfShape(shape);
  const record = simulateJob(job);
  return { job, record, ledger: bookEnergy(job, record, GPUS) };
};

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const rate = fc.oneof(fc.constant(Infinity), fc.double({ min: 5, max: 5000, noNaN: true }));
const anyControls: fc.Arbitrary<GpuControls> = fc.record({
  stepS: fc.constant(0.05),
  smoothing: maybe(
    fc.record({
      floorW: fc.double({ min: 0, max: 450, noNaN: true }),
      rampUpWPerS: rate,
      rampDownWPerS: rate,
      hysteresisS: fc.constantFrom(0, 0.3, 2, Infinity),
    }),
  ),
  ballast: maybe(
    fc.record({
      levelW: fc.double({ min: 0, max: 450, noNaN: true }),
      delayS: fc.constantFrom(0, 0.1, 0.5),
    }),
  ),
});

test('without controls an iteration stays as it is', async (t) => {
  await checkProperty(t, anyJobShape, (shape) => {
    const iteration = iterationOf(shape);
    const again = controlledIteration(
      iteration,
      GPUS,
      { stepS: 1 },
      restingStates(iteration, GPUS),
    );
    const expected = jobSteps(iteration, GPUS);
    closeTo(again.timeS, iteration.record.iterationTimeS, 1e-12);
    closeTo(stepsEnergyJ(again.steps), stepsEnergyJ(expected), 1e-12);
    closeTo(Math.max(...again.steps.powerW), Math.max(...expected.powerW), 1e-12);
  });
});

test('after = before + accounts, over three iterations, whatever the controls', async (t) => {
  await checkProperty(t, fc.tuple(anyJobShape, anyControls), ([shape, controls]) => {
    const iteration = iterationOf(shape);
    let states = restingStates(iteration, GPUS);
    let lastS = 0;
    for (let k = 0; k < 3; k++) {
      const after = controlledIteration(iteration, GPUS, controls, states);
      const sum = new FlatteningSum();
      sum.add(after.energiesJ);
      closeTo(
        stepsEnergyJ(after.steps),
        iteration.ledger.totalJ + totalOfAccountsJ(sum.values()),
        1e-9,
      );
      if (after.timeS < iteration.record.iterationTimeS * (1 - 1e-12)) throw new Error('faster');
      closeTo(after.steps.untilS.at(-1)!, after.timeS, 1e-12);
      states = after.states;
      lastS = after.timeS;
    }
    if (!(lastS > 0) && iteration.record.iterationTimeS > 0) throw new Error('no time');
  });
});

test('a floor that is never let go is never passed, once it is reached', async (t) => {
  const anyFloor = fc.double({ min: 100, max: 450, noNaN: true });
  await checkProperty(t, fc.tuple(anyJobShape, anyFloor, rate), ([shape, floorW, down]) => {
    const iteration = iterationOf(shape);
    const smoothing = {
      ...{ floorW, rampUpWPerS: Infinity, rampDownWPerS: down, hysteresisS: Infinity },
    };
    const { steps } = controlledIteration(
      iteration,
      GPUS,
      { smoothing, stepS: 0.05 },
      restingStates(iteration, GPUS),
    );
    const gpuCount = 8 * iteration.job.dag.stageCount * iteration.job.pipelines.length;
    const leastW = Math.min(...steps.powerW);
    if (leastW < gpuCount * floorW * (1 - 1e-9)) throw new Error(`found ${leastW} W`);
  });
});

test('a staggered pipeline that would have waited costs no time; one that would not, its start', (t) => {
  const shape: JobShape = {
    ...{ stages: 3, microbatches: 4, seed: 1 },
    ...{ overheads: 'none' as const, schedule: '1f1b' as const },
    ...{ clocks: false, changes: false, ties: false, pipelines: [0, 1] },
  };
  const job = jobOfShape(shape);
  const before = simulateJob(job);
  const [a, b] = before.pipelines.map(({ endS }) => endS) as [number, number];
  t.not(a, b);
  const fasterFirst = a < b ? job : { ...job, pipelines: job.pipelines.toReversed() };
  const slowerFirst = { ...job, pipelines: fasterFirst.pipelines.toReversed() };
  const slackS = Math.abs(a - b);
  // The second group begins later: it is the faster one here.
  const free = staggered(slowerFirst, GPUS, { groups: 2, byS: slackS / 2 });
  t.is(free.record.iterationTimeS, before.iterationTimeS);
  t.is(free.record.pipelines[1]!.startS[0], slackS / 2);
  const dear = staggered(fasterFirst, GPUS, { groups: 2, byS: 0.25 });
  closeTo(dear.record.iterationTimeS, before.iterationTimeS + 0.25, 1e-12);
});

test('a power that is all but reached delays nothing, and skips no work', (t) => {
  const controls: GpuControls = {
    stepS: 0.01,
    smoothing: { floorW: 0, rampUpWPerS: 1000, rampDownWPerS: Infinity, hysteresisS: Infinity },
  };
  const course = new GpuCourse(controls, {
    drawnW: 399.99999999999994,
    belowFloorS: 0,
    idleS: 0,
  });
  t.is(course.compute(0.5, 400), 0.5);
});

test('ramps by hand: 400 W wanted, 100 W drawn, 600 W/s', (t) => {
  const smoothing = { floorW: 200, rampUpWPerS: 600, rampDownWPerS: 1000, hysteresisS: 0.5 };
  const state = { drawnW: 100, belowFloorS: 0, idleS: 0 };
  const course = new GpuCourse({ smoothing, stepS: 10 }, state);
  // 400 W are reached after 0.5 s, in which 125 J of 400 J are done: the other 275 J take 0.6875 s.
  closeTo(course.compute(1, 400), 1.1875, 1e-12);
  // Falls to the floor of 200 W in 0.2 s, is held there until 0.5 s have passed, and falls to 50 W.
  course.idleUntil(3, 50);
  const { floorJ, rampDownJ, undrawnJ, idleJ, ballastJ } = course.energiesJ();
  closeTo(floorJ, 150 * 0.5, 1e-12);
  closeTo(rampDownJ, (200 * 0.2) / 2 + (150 * 0.15) / 2, 1e-12);
  closeTo(idleJ, 50 * 1.8125, 1e-12);
  t.deepEqual([undrawnJ, ballastJ], [0, 0]);
  closeTo(stepsEnergyJ(course.powerSteps()), 400 + floorJ + rampDownJ + idleJ, 1e-12);
  t.deepEqual(course.state(), { drawnW: 50, belowFloorS: 0.5, idleS: 0 });
});

test('ballast by hand: it begins after the delay, and ends when the GPU computes', (t) => {
  const controls = { ballast: { levelW: 300, delayS: 0.25 }, stepS: 1 };
  const course = new GpuCourse(controls, { drawnW: 80, belowFloorS: 0, idleS: 0.25 });
  course.idleUntil(1, 80);
  t.is(course.compute(1, 250), 2);
  course.idleUntil(3, 80);
  const { untilS, powerW } = course.powerSteps();
  t.deepEqual([...untilS], [1, 2, 2.25, 3]);
  t.deepEqual([...powerW], [300, 250, 80, 300]);
  closeTo(course.energiesJ().ballastJ, 220 * 1.75, 1e-12);
});
