import fc from 'fast-check';
import {
  exampleShape,
  scheduleDag,
  SCHEDULE_NAMES,
  type ScheduleName,
} from '../../src/pipeline/schedules.js';
import { randomStream, type RandomStream } from '../../sim/kernel/random-streams.js';
import type { Job } from '../../sim/training/job.js';
import { noOverheads, type TimingOverheads } from '../../sim/training/timing.js';
import type { Workload } from '../../sim/training/workload.js';

/** The components of a random job; small enough to read when a property fails. */
export interface JobShape {
  readonly stages: number;
  readonly microbatches: number;
  /** Which of the distinct workloads each pipeline runs. */
  readonly pipelines: readonly number[];
  readonly overheads: 'none' | 'exchange' | 'message' | 'overlapped';
  readonly schedule: ScheduleName;
  /** Whether clocks take time to change and waiting draws what they ask for. */
  readonly clocks: boolean;
  /** Whether everything is another in the second half of the iteration. */
  readonly changes: boolean;
  /** Whether durations are few and whole, so that many events happen at one time. */
  readonly ties: boolean;
  readonly seed: number;
}

/** 1F1B jobs of every shape, M < S, S = 1 and M = 1 among them. */
export const anyOneFOneBShape: fc.Arbitrary<JobShape> = fc.record({
  schedule: fc.constant('1f1b' as const),
  stages: fc.integer({ min: 1, max: 9 }),
  microbatches: fc.integer({ min: 1, max: 14 }),
  pipelines: fc.array(fc.nat(2), { minLength: 1, maxLength: 6 }),
  overheads: fc.constantFrom('none', 'exchange', 'message', 'overlapped'),
  clocks: fc.constant(false),
  changes: fc.constant(false),
  ties: fc.boolean(),
  seed: fc.nat(),
});

/** Jobs of every schedule. */
export const anyJobShape: fc.Arbitrary<JobShape> = fc
  .tuple(anyOneFOneBShape, fc.constantFrom(...SCHEDULE_NAMES), fc.boolean(), fc.boolean())
  .map(([plain, schedule, clocks, changes]) => {
    const { stages, microbatches } = exampleShape(schedule, { ...plain, chunks: 2 });
    return { ...plain, clocks, changes, schedule, stages, microbatches };
  });

/** The job of a shape: its numbers are drawn from streams of the shape's seed. */
export function jobOfShape(shape: JobShape): Job {
  const { schedule, stages, microbatches, seed, ties } = shape;
  const dag = scheduleDag(schedule, exampleShape(schedule, { stages, microbatches, chunks: 2 }));
  const timeOf = (uniform: RandomStream) => (ties ? Math.floor(3 * uniform()) : 0.01 + uniform());
  const workloads = [0, 1, 2].map((w): Workload => {
    const times = randomStream(seed, `durations/${w}`);
    const stalls = randomStream(seed, `stalls/${w}`);
    const powers = randomStream(seed, `powers/${w}`);
    const durationS = new Float64Array(dag.instructionCount).map(() => timeOf(times));
    const workload = {
      durationS,
      stallS: durationS.map((timeS) => (stalls() < 0.3 ? timeS * stalls() : 0)),
      powerW: new Float64Array(dag.instructionCount).map(() => 90 + 310 * powers()),
      clockMHz: new Float64Array(dag.instructionCount).fill(1000 + w),
    };
    if (!shape.clocks) return workload;
    const clocks = randomStream(seed, `clocks/${w}`);
    return {
      ...workload,
      clockSwitchS: durationS.map(() => (clocks() < 0.5 ? 0 : timeOf(clocks))),
      waitingW: durationS.map(() => 60 + 50 * clocks()),
    };
  });
  const lengthS = dag.microbatchCount * (ties ? 2 : 1);
  const pipelines = workloads.map((workload, w): Workload =>
    shape.changes
      ? { ...workload, later: [{ fromS: lengthS, workload: workloads[(w + 1) % 3]! }] }
      : workload,
  );
  return {
    dag,
    timing: overheadsOf(shape, timeOf),
    pipelines: shape.pipelines.map((w) => pipelines[w]!),
  };
}

function overheadsOf(
  { stages, overheads, seed }: JobShape,
  timeOf: (uniform: RandomStream) => number,
): TimingOverheads {
  if (overheads === 'none') return noOverheads(stages);
  const uniform = randomStream(seed, 'overheads');
  return {
    loadingS: Array.from({ length: stages }, () => timeOf(uniform)),
    transferS: Array.from({ length: stages }, () => timeOf(uniform)),
    transferRule: overheads,
    iterationConstantS: timeOf(uniform),
    gradientReductionS: timeOf(uniform),
    synchronisationS: timeOf(uniform),
  };
}
