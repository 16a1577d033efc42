import test from 'ava';
import fc from 'fast-check';
import { fewestIterations } from '../../sim/faults/best-interval.js';
import { playCourse } from '../../sim/faults/course-power.js';
import { courseTotals, FAULT_ACCOUNT_NAMES } from '../../sim/faults/fault-accounts.js';
import { faultCourse, type Stretch } from '../../sim/faults/fault-course.js';
import type { FaultJob } from '../../sim/faults/fault-job.js';
import { PowerAverager, type PowerSteps } from '../../sim/power/power-series.js';
import { checkProperty } from '../support/properties.js';
import { randomFaultJobs } from '../support/random-fault-jobs.js';

/** An iteration of two steps with the job's time and energy: three quarters of it compute. */
function stepsOf({ iterationS, iterationJ }: FaultJob): PowerSteps {
  const meanW = iterationJ / iterationS;
  return {
    untilS: Float64Array.of(0.75 * iterationS, iterationS),
    powerW: Float64Array.of(1.2 * meanW, 0.4 * meanW),
  };
}

test('power over a course by hand: a checkpoint, a fault, a restart', (t) => {
  const job: FaultJob = {
    ...{ pipelines: 2, gpusPerPipeline: 4, iterationS: 10, iterationJ: 8 * 400 * 10 },
    rules: {
      ...{ rate: 1 / 1e4, end: { timeS: 1e5 }, pauseS: 5, pauseW: 90, writeS: 0 },
      ...{ detectS: 0, restartS: 0, restartW: 130, waitingW: 80, nodeShare: 1 },
    },
  };
  const course: Stretch[] = [
    {
      ...{ phase: 'working', timeS: 28, pipelines: 2, endsBy: 'fault' },
      ...{ idle: [], computedS: 23, keptS: 20 },
    },
    { phase: 'detection', timeS: 7, pipelines: 2, idle: [], isStruck: false },
    { phase: 'repair', timeS: 5, pipelines: 0, idle: [{ timeS: 5, gpus: 4 }], isStruck: false },
    { phase: 'restart', timeS: 10, pipelines: 2, idle: [], isStruck: false },
  ];
  const held: [number, number][] = [];
  const steps = [{ untilS: Float64Array.of(4, 10), powerW: Float64Array.of(1000, 3000) }];
  playCourse({ job, iterations: 2, steps }, course, {
    hold: (timeS, powerW) => {
      if (timeS > 0) held.push([timeS, powerW]);
    },
  });
  t.deepEqual(held, [
    ...[4, 6, 4, 6].map((timeS): [number, number] => [timeS, timeS === 4 ? 1000 : 3000]),
    ...([
      [5, 720],
      [3, 1000],
      [7, 640],
      [5, 320],
      [10, 1040],
    ] as [number, number][]),
  ]);
});

test('the energy of power over time is that of the accounts', async (t) => {
  await checkProperty(
    t,
    fc.tuple(randomFaultJobs, fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 1000 })),
    ([job, more, seed]) => {
      const iterations = fewestIterations(job) + more;
      const course: Stretch[] = [];
      for (const stretch of faultCourse(job, iterations, seed)) {
        course.push(stretch);
        if (course.length > 300) break;
      }
      const { timeS, energyJ } = courseTotals(job, course);
      const sum = (of: typeof timeS) => FAULT_ACCOUNT_NAMES.reduce((so, name) => so + of[name], 0);
      const averager = new PowerAverager(100, () => undefined);
      playCourse({ job, iterations, steps: [stepsOf(job)] }, course, averager);
      const played = averager.finish();
      const isSame = (a: number, b: number, within: number) =>
        Math.abs(a - b) <= within * Math.max(1, Math.abs(b));
      if (!isSame(played.durationS, sum(timeS), 1e-9)) {
        throw new Error(`${played.durationS} s instead of ${sum(timeS)} s`);
      }
      // Each stretch ends within an iteration: its steps are not those of the mean power.
      const cutJ = course.length * job.iterationJ;
      if (Math.abs(played.energyJ - sum(energyJ)) > cutJ + 1e-9 * sum(energyJ)) {
        throw new Error(`${played.energyJ} J instead of ${sum(energyJ)} J`);
      }
      const even = [
        {
          untilS: Float64Array.of(job.iterationS),
          powerW: Float64Array.of(job.iterationJ / job.iterationS),
        },
      ];
      const mean = new PowerAverager(100, () => undefined);
      playCourse({ job, iterations, steps: even }, course, mean);
      const { energyJ: meanJ } = mean.finish();
      if (!isSame(meanJ, sum(energyJ), 1e-9)) {
        throw new Error(`${meanJ} J instead of ${sum(energyJ)} J`);
      }
    },
    100,
  );
});
