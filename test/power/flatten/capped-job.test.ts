import test from 'ava';
import fc from 'fast-check';
import type { Plans } from '../../../src/planner/planner.js';
import { most } from '../../../src/extremes.js';
import { bookEnergy } from '../../../sim/energy/ledger.js';
import {
  underCap,
  type CappableJob,
  type CappedIteration,
} from '../../../sim/power/flatten/capped-job.js';
import { CAP_RUNNERS } from '../../../sim/power/flatten/cap-ways.js';
import { jobSteps } from '../../../sim/power/trace/job-steps.js';
import {
  anyCappedShape,
  CAPPED_CLOCKS,
  CAPPED_GPUS,
  cappedJob,
  type CappedShape,
} from '../../support/capped-jobs.js';
import { closeTo, stepsEnergyJ } from '../../support/power-steps.js';
import { checkProperty } from '../../support/properties.js';

/** A policy without plans: ways that need none do not ask. */
const NO_PLANS = {} as Plans;
const share = fc.double({ min: 0, max: 1, noNaN: true });

/** A cap between the power of waiting GPUs and the peak. */
function capOf({ job, record, gpus }: CappableJob, part: number): number {
  const waitingW = job.pipelines.length * job.dag.stageCount * gpus.gpusPerStage * 90;
  const peakW = most(jobSteps({ job, record }, gpus).powerW);
  return waitingW + part * (peakW - waitingW);
}

const isCapped = (found: object): found is CappedIteration => 'steps' in found;

test('under a cap that is never reached an iteration stays as it is', async (t) => {
  await checkProperty(t, anyCappedShape, (shape) => {
    const capped = cappedJob(shape);
    const expected = jobSteps(capped, capped.gpus);
    const ledger = bookEnergy(capped.job, capped.record, capped.gpus);
    for (const found of [underCap(capped, 1e9), CAP_RUNNERS['one-clock'](capped, 1e9, NO_PLANS)]) {
      if (!isCapped(found)) throw new Error('does not fit');
      closeTo(found.timeS, capped.record.iterationTimeS, 1e-12);
      closeTo(found.computingJ, ledger.totalComputeJ, 1e-12);
      closeTo(found.computingJ + found.idleJ, ledger.totalJ, 1e-12);
      closeTo(most(found.steps.powerW), most(expected.powerW), 1e-12);
    }
  });
});

test('power never exceeds a cap, and the energy of all steps is what was booked', async (t) => {
  let fitting = 0;
  await checkProperty(t, fc.tuple(anyCappedShape, share), ([shape, part]) => {
    const capped = cappedJob(shape);
    const capW = capOf(capped, part);
    const found = underCap(capped, capW);
    if (!isCapped(found)) {
      if (found.neededW <= capW) throw new Error(`${found.neededW} W would fit`);
      return;
    }
    fitting++;
    const peakW = most(found.steps.powerW);
    if (peakW > capW) throw new Error(`found ${peakW} W, expected at most ${capW} W`);
    closeTo(stepsEnergyJ(found.steps), found.computingJ + found.idleJ, 1e-9);
    closeTo(found.steps.untilS.at(-1)!, found.timeS, 1e-12);
    if (found.timeS < capped.record.iterationTimeS * (1 - 1e-9)) throw new Error('it is faster');
  });
  t.true(fitting > 100, `${fitting}`);
});

test('clocks, times and energies are those of a simulator with small time steps', async (t) => {
  const anySmall = anyCappedShape.filter(
    ({ stages, microbatches, slowdowns }) => stages * microbatches <= 6 && slowdowns.length <= 1,
  );
  let compared = 0;
  await checkProperty(
    t,
    fc.tuple(anySmall, fc.double({ min: 0.3, max: 1, noNaN: true })),
    ([shape, part]) => {
      const capped = cappedJob({ ...shape, overheads: false });
      const capW = capOf(capped, part);
      const found = underCap(capped, capW);
      if (!isCapped(found)) return;
      const expected = smallSteps(shape, capW);
      if (expected === undefined) return;
      compared++;
      closeTo(found.timeS, expected.timeS, 1e-2);
      closeTo(found.computingJ + found.idleJ, expected.energyJ, 1e-2);
    },
    30,
  );
  t.true(compared > 10, `${compared}`);
});

/**
 * Runs a job in small time steps: in each, the highest clock at which everything that is ready fits.
 * @returns undefined if not everything that is ready fits at the lowest one.
 */
function smallSteps(shape: CappedShape, capW: number) {
  const { job, record, physics } = cappedJob({ ...shape, overheads: false });
  const { dag } = job;
  const stepS = 2e-4;
  const pipelines = record.pipelines.map(({ executed }) => ({
    executed,
    leftS: Float64Array.from(executed.durationS),
    next: Array.from(dag.stageStart.subarray(0, dag.stageCount)),
  }));
  let energyJ = 0;
  let step = 0;
  for (; ; step++) {
    const running = pipelines.flatMap((pipeline) =>
      pipeline.next.flatMap((i, s) => {
        if (i >= dag.stageStart[s + 1]!) return [];
        const needs = dag.predecessor.subarray(
          dag.predecessorStart[i],
          dag.predecessorStart[i + 1],
        );
        return needs.every((needed) => pipeline.leftS[needed]! <= 0) ? [{ pipeline, i, s }] : [];
      }),
    );
    if (running.length === 0) break;
    const idleCount = pipelines.length * dag.stageCount - running.length;
    const at = (ceiling: number) =>
      running.map(({ pipeline, i }) => {
        const own = pipeline.executed.clockMHz[i]!;
        const operation = physics[dag.operation[i]!]!;
        const clock = Math.min(own, ceiling);
        return {
          powerW: operation.powerW(clock),
          speed: operation.timeS(own) / operation.timeS(clock),
        };
      });
    const powerAt = (ceiling: number) =>
      CAPPED_GPUS.gpusPerStage *
      at(ceiling).reduce((sum, { powerW }) => sum + powerW, idleCount * CAPPED_GPUS.blockingPowerW);
    const ceiling = CAPPED_CLOCKS.findLast((clock) => powerAt(clock) <= capW);
    if (ceiling === undefined) return undefined;
    energyJ += powerAt(ceiling) * stepS;
    at(ceiling).forEach(({ speed }, k) => {
      const { pipeline, i, s } = running[k]!;
      pipeline.leftS[i]! -= stepS * speed;
      if (pipeline.leftS[i]! <= 0) pipeline.next[s]!++;
    });
  }
  return { timeS: step * stepS, energyJ };
}

test('one clock for the iteration is the highest that fits: no other clock does', async (t) => {
  let fitting = 0;
  await checkProperty(t, fc.tuple(anyCappedShape, share), ([shape, part]) => {
    const capped = cappedJob(shape);
    const capW = capOf(capped, part);
    const found = CAP_RUNNERS['one-clock'](capped, capW, NO_PLANS);
    const peaks = CAPPED_CLOCKS.map((ceiling) => {
      const answer = CAP_RUNNERS['one-clock'](cappedJob(shape, ceiling), 1e12, NO_PLANS);
      return isCapped(answer) ? { ...answer, peakW: most(answer.steps.powerW) } : undefined;
    });
    const best = peaks.findLast((answer) => answer !== undefined && answer.peakW <= capW);
    if (isCapped(found) !== (best !== undefined)) throw new Error('one of them fits');
    if (!isCapped(found)) return;
    fitting++;
    closeTo(found.timeS, best!.timeS, 1e-12);
    closeTo(found.computingJ + found.idleJ, best!.computingJ + best!.idleJ, 1e-12);
  });
  t.true(fitting > 50, `${fitting}`);
});
