import test from 'ava';
import { bookEnergy } from '../../../sim/energy/ledger.js';
import { stageSegments } from '../../../sim/energy/power-segments.js';
import type { PowerSteps } from '../../../sim/power/power-series.js';
import { jobSteps, stagesOfJob } from '../../../sim/power/trace/job-steps.js';
import { summedSteps } from '../../../sim/power/trace/summed-steps.js';
import { simulateJob } from '../../../sim/training/job.js';
import { exactSum } from '../../support/exact-sum.js';
import { checkProperty } from '../../support/properties.js';
import { anyJobShape, jobOfShape } from '../../support/random-jobs.js';

const GPUS = {
  blockingPowerW: 83.64,
  communicationPowerW: 120.5,
  synchronisationPowerW: 97.25,
  gpusPerStage: 8,
};

const energyJ = ({ untilS, powerW }: PowerSteps) =>
  exactSum([...powerW].map((stepW, k) => stepW * (untilS[k]! - (untilS[k - 1] ?? 0))));

test('power × time of all GPUs is the ledger, from the beginning to the end', async (t) => {
  await checkProperty(t, anyJobShape, (shape) => {
    const job = jobOfShape(shape);
    const record = simulateJob(job);
    const { totalJ } = bookEnergy(job, record, GPUS);
    const steps = jobSteps({ job, record }, GPUS);
    const foundJ = energyJ(steps);
    if (!(Math.abs(foundJ - totalJ) <= 1e-9 * totalJ)) {
      throw new Error(`found ${foundJ} J, expected ${totalJ} J`);
    }
    const endS = steps.untilS.at(-1)!;
    if (!(Math.abs(endS - record.iterationTimeS) <= 1e-12 * endS)) throw new Error(`end ${endS}`);
    steps.untilS.forEach((untilS, k) => {
      if (k > 0 && untilS <= steps.untilS[k - 1]!) throw new Error(`step ${k} is empty`);
    });
  });
});

test('at any time the power is that of all segments of all pipelines', async (t) => {
  await checkProperty(t, anyJobShape, (shape) => {
    const job = jobOfShape(shape);
    const { dag, timing } = job;
    const record = simulateJob(job);
    const steps = jobSteps({ job, record }, GPUS);
    const segments = record.pipelines.flatMap((pipeline) =>
      Array.from({ length: dag.stageCount }, (_, s) =>
        stageSegments({ dag, timing, record, gpus: GPUS }, pipeline, s),
      ).flat(),
    );
    for (let k = 0; k < steps.untilS.length; k += 7) {
      const fromS = steps.untilS[k - 1] ?? 0;
      // Steps shorter than rounding have no middle.
      if (steps.untilS[k]! - fromS < 1e-9) continue;
      const middleS = (fromS + steps.untilS[k]!) / 2;
      const expectedW = exactSum(
        segments
          .filter((segment) => segment.fromS <= middleS && middleS < segment.untilS)
          .map(({ powerW }) => GPUS.gpusPerStage * powerW),
      );
      if (!(Math.abs(steps.powerW[k]! - expectedW) <= 1e-12 * expectedW)) {
        throw new Error(`${middleS} s: found ${steps.powerW[k]} W, expected ${expectedW} W`);
      }
    }
  });
});

test('identical pipelines are one part with the GPUs of all of them', (t) => {
  const job = jobOfShape({
    ...{ stages: 3, microbatches: 4, overheads: 'none', schedule: '1f1b', seed: 1 },
    ...{ clocks: false, changes: false, ties: false, pipelines: [0, 1, 0, 0] },
  });
  const parts = stagesOfJob({ job, record: simulateJob(job) }, GPUS);
  t.deepEqual(
    parts.map(({ pipelines, stage, gpuCount }) => ({ pipelines, stage, gpuCount })),
    [0, 1].flatMap((group) =>
      [0, 1, 2].map((stage) => ({
        pipelines: group === 0 ? [0, 2, 3] : [1],
        stage,
        gpuCount: group === 0 ? 24 : 8,
      })),
    ),
  );
});

test('powers are added where any of them changes; the shorter one holds its last', (t) => {
  const steps = (untilS: number[], powerW: number[]): PowerSteps => ({
    untilS: Float64Array.from(untilS),
    powerW: Float64Array.from(powerW),
  });
  const sum = summedSteps([
    { steps: steps([1, 3], [100, 200]), gpuCount: 2 },
    { steps: steps([1, 2], [10, 20]), gpuCount: 1 },
    { steps: steps([2.5, 4], [1, 2]), gpuCount: 3 },
  ]);
  t.deepEqual([...sum.untilS], [1, 2, 2.5, 3, 4]);
  t.deepEqual([...sum.powerW], [213, 423, 423, 426, 426]);
  t.throws(() => summedSteps([]), { instanceOf: RangeError });
});
