import fc from 'fast-check';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { randomStream, type RandomStream } from '../../sim/kernel/random-streams.js';
import type { Job } from '../../sim/training/job.js';
import { noOverheads, type TimingOverheads } from '../../sim/training/timing.js';
import type { Workload } from '../../sim/training/workload.js';

/** What a random job is made of; small enough to read when a property fails. */
export interface JobShape {
  readonly stages: number;
  readonly microbatches: number;
  /** Which of the distinct workloads each pipeline runs. */
  readonly pipelines: readonly number[];
  readonly overheads: 'none' | 'exchange' | 'message';
  /** Whether durations are few and whole, so that many events happen at one time. */
  readonly ties: boolean;
  readonly seed: number;
}

/** 1F1B jobs of every shape, M < S, S = 1 and M = 1 among them. */
export const anyJobShape: fc.Arbitrary<JobShape> = fc.record({
  stages: fc.integer({ min: 1, max: 9 }),
  microbatches: fc.integer({ min: 1, max: 14 }),
  pipelines: fc.array(fc.nat(2), { minLength: 1, maxLength: 6 }),
  overheads: fc.constantFrom('none' as const, 'exchange' as const, 'message' as const),
  ties: fc.boolean(),
  seed: fc.nat(),
});

/** The job of a shape: its numbers are drawn from streams of the shape's seed. */
export function jobOfShape(shape: JobShape): Job {
  const { stages, microbatches, seed, ties } = shape;
  const dag = oneFOneB(stages, microbatches);
  const timeOf = (uniform: RandomStream) => (ties ? Math.floor(3 * uniform()) : 0.01 + uniform());
  const workloads = [0, 1, 2].map((w): Workload => {
    const times = randomStream(seed, `durations/${w}`);
    const stalls = randomStream(seed, `stalls/${w}`);
    const powers = randomStream(seed, `powers/${w}`);
    const durationS = new Float64Array(dag.instructionCount).map(() => timeOf(times));
    return {
      durationS,
      stallS: durationS.map((timeS) => (stalls() < 0.3 ? timeS * stalls() : 0)),
      powerW: new Float64Array(dag.instructionCount).map(() => 90 + 310 * powers()),
    };
  });
  return {
    dag,
    timing: overheadsOf(shape, timeOf),
    pipelines: shape.pipelines.map((w) => workloads[w]!),
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
    transferS: Array.from({ length: stages - 1 }, () => timeOf(uniform)),
    transferRule: overheads,
    iterationConstantS: timeOf(uniform),
  };
}
