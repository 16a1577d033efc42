import type { ComputationDag } from '../../src/pipeline/dag.js';
import type { FrequencyPlan } from '../../src/planner/planner.js';
import type { OperationPhysics } from '../hardware/operation-physics.js';
import {
  checkSlowdown,
  slowdownOfKind,
  slowedTiming,
  stageSlowdowns,
  type Slowdown,
  type StageSlowdown,
} from './slowdown.js';
import { newTimeArrays, type TimeArrays } from './time-arrays.js';
import type { InstructionTiming } from './timing.js';

/** Time and power of every instruction of one pipeline: parallel arrays, per GPU. */
export interface Workload {
  /** Whole time on the GPU. */
  readonly durationS: Float64Array;
  /** The part of it spent waiting at blocking power. */
  readonly stallS: Float64Array;
  /** Power while it computes. */
  readonly powerW: Float64Array;
  /** Clock while it computes: the plan's, or the one that a throttled GPU allows. */
  readonly clockMHz: Float64Array;
  /** The time for which its stage changes the clock before it; none if left out. */
  readonly clockSwitchS?: Float64Array;
  /**
   * Power while its stage waits for it, at the clock of the instruction before. The wait before a
   * stage's first instruction has the same power as the one after its last. The job's blocking
   * power if left out.
   */
  readonly waitingW?: Float64Array;
  /** Loading and transfers, if they differ from the job's. */
  readonly timing?: InstructionTiming;
  /** Its stages are free from this time of the iteration on; from its beginning if left out. */
  readonly startsS?: number;
  /** Changes during the iteration, in order of time. */
  readonly later?: readonly LaterWorkload[];
}

/** The values for instructions that become ready at a time or after it. */
export interface LaterWorkload {
  readonly fromS: number;
  readonly workload: Omit<Workload, 'later'>;
}

/** The conditions besides the plan that determine an instruction's time and power. */
export interface Conditions {
  /** All slowdowns in force. */
  readonly slowdowns?: readonly Slowdown[];
  /**
   * Per instruction: factor on the computing time, at the same power (imbalance, jitter, a long
   * microbatch). Slowdowns multiply it.
   */
  readonly durationFactor?: Float64Array | undefined;
  /**
   * The time for which a stage waits when an instruction's clock differs from the previous one's.
   */
  readonly clockSwitchS?: number;
  /** Power of a waiting GPU at the clock in force; if left out, the same at all clocks. */
  readonly waitingW?: (frequencyMHz: number) => number;
  /** The job's overheads, which slow links and late data lengthen. */
  readonly timing?: InstructionTiming;
}

/**
 * Actual time and power of the instructions at the clocks of a plan, from the hardware's curves and
 * not from the planner's cost model. O(instructions).
 *
 * @param physics indexed as `dag.operation`.
 * @throws RangeError if a factor is out of range, or `physics` lacks a clock.
 */
export function planWorkload(
  dag: ComputationDag,
  physics: readonly OperationPhysics[],
  plan: Pick<FrequencyPlan, 'frequencyMHz'>,
  { durationFactor, ...conditions }: Conditions = {},
): Workload {
  return planWorkloads(dag, physics, plan, conditions)(durationFactor);
}

/**
 * Workloads of pipelines that run a plan under the same conditions, and differ only in the factors on
 * their computing times. They share all arrays that factors do not change. O(instructions), and so is
 * each workload, in a small part of the time.
 *
 * @param physics indexed as `dag.operation`.
 * @param timeArrays makes the arrays that are each workload's own.
 * @throws RangeError if a factor is out of range, or `physics` lacks a clock.
 */
export function planWorkloads(
  dag: ComputationDag,
  physics: readonly OperationPhysics[],
  plan: Pick<FrequencyPlan, 'frequencyMHz'>,
  conditions: Omit<Conditions, 'durationFactor'> = {},
  timeArrays: TimeArrays = newTimeArrays,
): (durationFactor?: Float64Array) => Workload {
  const n = dag.instructionCount;
  const { slowdowns = [], clockSwitchS = 0, waitingW, timing } = conditions;
  slowdowns.forEach(checkSlowdown);
  const ofStage = stageSlowdowns(dag.stageCount, slowdowns);
  const timeS = new Float64Array(n);
  const powerW = new Float64Array(n);
  const clockMHz = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const operation = physics[dag.operation[i]!]!;
    const { clockLimitMHz } = ofStage[dag.stage[i]!]!;
    const plannedMHz = plan.frequencyMHz[i]!;
    const frequencyMHz =
      plannedMHz > clockLimitMHz ? operation.clockAtMost(clockLimitMHz) : plannedMHz;
    timeS[i] = operation.timeS(frequencyMHz);
    powerW[i] = operation.powerW(frequencyMHz);
    clockMHz[i] = frequencyMHz;
  }
  const slowTiming = timing && slowedTiming(dag, timing, slowdowns);
  const shared = {
    powerW,
    clockMHz,
    ...(clockSwitchS > 0 ? { clockSwitchS: switchTimes(dag, clockMHz, clockSwitchS) } : {}),
    ...(waitingW === undefined
      ? {}
      : { waitingW: clockMHz.map((_, i) => waitingW(clockMHz[instructionBefore(dag, i)]!)) }),
    ...(slowTiming === undefined ? {} : { timing: slowTiming }),
  };
  const computing = computingTimes(dag, timeS, ofStage, timeArrays);
  return (durationFactor) => ({ ...computing(durationFactor), ...shared });
}

/** Computing times with factors, as slowdowns of stages lengthen them. */
function computingTimes(
  dag: ComputationDag,
  timeS: Float64Array,
  ofStage: readonly StageSlowdown[],
  timeArrays: TimeArrays,
): (durationFactor?: Float64Array) => Pick<Workload, 'durationS' | 'stallS'> {
  const n = timeS.length;
  const noStallS = new Float64Array(n);
  const isSlow = ofStage.some(({ forward, backward }) =>
    [forward, backward].some((slow) => slow.busyFactor !== 1 || slow.stallFactor !== 1),
  );
  return (durationFactor) => {
    checkFactors(n, durationFactor);
    if (!isSlow && durationFactor === undefined) return { durationS: timeS, stallS: noStallS };
    const durationS = timeArrays(n);
    if (!isSlow) {
      for (let i = 0; i < n; i++) durationS[i] = timeS[i]! * durationFactor![i]!;
      return { durationS, stallS: noStallS };
    }
    const stallS = timeArrays(n);
    for (let i = 0; i < n; i++) {
      const slowdown = slowdownOfKind(ofStage[dag.stage[i]!]!, dag.kind[i]!);
      const ownS = timeS[i]! * (durationFactor?.[i] ?? 1);
      const computingS = ownS + (slowdown.busyFactor - 1) * ownS;
      stallS[i] = (slowdown.stallFactor - 1) * computingS;
      durationS[i] = computingS + stallS[i]!;
    }
    return { durationS, stallS };
  };
}

/** Iterations follow each other: a stage's first instruction is preceded by its last. */
function instructionBefore({ stage, stageStart }: ComputationDag, i: number): number {
  const s = stage[i]!;
  return i > stageStart[s]! ? i - 1 : stageStart[s + 1]! - 1;
}

function switchTimes(dag: ComputationDag, clockMHz: Float64Array, switchS: number): Float64Array {
  return clockMHz.map((clock, i) => (clock === clockMHz[instructionBefore(dag, i)] ? 0 : switchS));
}

function checkFactors(n: number, durationFactor?: Float64Array): void {
  if (durationFactor === undefined) return;
  if (durationFactor.length !== n) {
    throw new RangeError(`${durationFactor.length} duration factors for ${n} instructions`);
  }
  for (let i = 0; i < n; i++) {
    const factor = durationFactor[i]!;
    if (!(factor >= 0 && factor < Infinity)) {
      throw new RangeError(`found a duration factor of ${factor}`);
    }
  }
}
