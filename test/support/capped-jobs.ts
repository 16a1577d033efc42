import fc from 'fast-check';
import { exampleShape, scheduleDag, type ScheduleName } from '../../src/pipeline/schedules.js';
import { tablePhysics } from '../../sim/hardware/operation-physics.js';
import { randomStream } from '../../sim/kernel/random-streams.js';
import { dataParallelJob } from '../../sim/training/data-parallel.js';
import { simulateJob } from '../../sim/training/job.js';
import { noOverheads } from '../../sim/training/timing.js';

/** Clocks of the operations of capped jobs. */
export const CAPPED_CLOCKS = [600, 900, 1200, 1500];

/** Power and number of the GPUs of capped jobs. */
export const CAPPED_GPUS = {
  blockingPowerW: 60,
  communicationPowerW: 75,
  synchronisationPowerW: 90,
  gpusPerStage: 2,
};

/** The components of a job with physics at every clock. */
export interface CappedShape {
  readonly stages: number;
  readonly microbatches: number;
  readonly schedule: ScheduleName;
  readonly overheads: boolean;
  /** Factors on the times of each pipeline; the first one has none. */
  readonly slowdowns: readonly number[];
  readonly seed: number;
}

export const anyCappedShape: fc.Arbitrary<CappedShape> = fc.record({
  stages: fc.integer({ min: 1, max: 4 }),
  microbatches: fc.integer({ min: 1, max: 5 }),
  schedule: fc.constantFrom('1f1b' as const, 'gpipe' as const, 'zb-h1' as const),
  overheads: fc.boolean(),
  slowdowns: fc.array(fc.constantFrom(1, 1.2), { maxLength: 3 }),
  seed: fc.nat(),
});

/** A job that runs at random clocks up to a limit, with its record. */
export function cappedJob(
  { stages, microbatches, schedule, overheads, slowdowns, seed }: CappedShape,
  limitMHz = Infinity,
) {
  const dag = scheduleDag(schedule, exampleShape(schedule, { stages, microbatches, chunks: 1 }));
  const uniform = randomStream(seed, 'capped');
  const physics = dag.operations.map(() => {
    const [fixedS, clockedS, powerW] = [0.05 * uniform(), 100 + 100 * uniform(), 250 * uniform()];
    return tablePhysics(
      CAPPED_CLOCKS.map((frequencyMHz) => {
        const timeS = fixedS + clockedS / frequencyMHz;
        const drawnW = 80 + powerW * (frequencyMHz / 1500) ** 2.5;
        return { frequencyMHz, timeS, energyJ: timeS * drawnW };
      }),
    );
  });
  const frequencyMHz = Float64Array.from(dag.operation, () =>
    Math.min(limitMHz, CAPPED_CLOCKS[Math.floor(uniform() * CAPPED_CLOCKS.length)]!),
  );
  const timing = overheads
    ? {
        loadingS: new Array<number>(stages).fill(0.01),
        transferS: new Array<number>(stages).fill(0.02),
        ...{ iterationConstantS: 0.03, gradientReductionS: 0.02, synchronisationS: 0.04 },
      }
    : noOverheads(stages);
  const job = dataParallelJob({
    ...{ dag, physics, timing, pipelineCount: 1 + slowdowns.length, plan: { frequencyMHz } },
    stragglers: slowdowns.map((slowdown, k) => ({ cause: 'busy', pipeline: k + 1, slowdown })),
  });
  return { job, record: simulateJob(job), gpus: CAPPED_GPUS, physics };
}
