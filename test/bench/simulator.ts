import { performance } from 'node:perf_hooks';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { randomStream } from '../../sim/kernel/random-streams.js';
import { simulateJob } from '../../sim/training/job.js';
import { noOverheads } from '../../sim/training/timing.js';
import type { Workload } from '../../sim/training/workload.js';

const PIPELINES = 128;
const STAGES = 8;
const MICROBATCHES = 96;

/** The speed of the simulator; times in milliseconds. */
export interface SimulatorSpeed {
  readonly instructions: number;
  /** First run of the process: nothing is compiled yet. */
  readonly coldMs: number;
  readonly medianMs: number;
  readonly worstMs: number;
  readonly instructionsPerS: number;
}

/**
 * Measures 128 pipelines × 8 stages × 96 microbatches of 1F1B, each with durations of its own and
 * each simulated.
 */
export function measureSimulator(repetitions = 21): SimulatorSpeed {
  const dag = oneFOneB(STAGES, MICROBATCHES);
  const pipelines = Array.from({ length: PIPELINES }, (_, p): Workload => {
    const uniform = randomStream(1, `bench/pipeline-${p}`);
    return {
      durationS: Float64Array.from(dag.kind, (kind) => (1 + kind) * (0.95 + 0.1 * uniform())),
      stallS: new Float64Array(dag.instructionCount),
      powerW: new Float64Array(dag.instructionCount).fill(300),
      clockMHz: new Float64Array(dag.instructionCount).fill(1410),
    };
  });
  const job = { dag, timing: noOverheads(STAGES), pipelines };
  const elapsedMs = Array.from({ length: repetitions }, () => {
    const beganMs = performance.now();
    simulateJob(job, { simulateAll: true });
    return performance.now() - beganMs;
  });
  const coldMs = elapsedMs[0]!;
  elapsedMs.sort((a, b) => a - b);
  const medianMs = elapsedMs[repetitions >> 1]!;
  const instructions = PIPELINES * dag.instructionCount;
  return {
    instructions,
    coldMs,
    medianMs,
    worstMs: elapsedMs[repetitions - 1]!,
    instructionsPerS: (1000 * instructions) / medianMs,
  };
}

/** The measurement as a line to print. */
export function describeSimulatorSpeed(speed: SimulatorSpeed): string {
  const millions = (ms: number) => (speed.instructions / ms / 1000).toFixed(1);
  return (
    `simulator: ${speed.instructions} instructions (${PIPELINES} pipelines × ${STAGES} stages × ` +
    `${MICROBATCHES} microbatches) in ${speed.medianMs.toFixed(1)} ms median, ` +
    `${speed.worstMs.toFixed(1)} ms worst, ${speed.coldMs.toFixed(1)} ms cold: ` +
    `${millions(speed.medianMs)} million instructions/s (${millions(speed.coldMs)} cold)`
  );
}
