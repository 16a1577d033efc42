import type { ComputationDag } from '../../src/pipeline/dag.js';
import type { FrequencyPlan } from '../../src/planner/planner.js';
import type { OperationPhysics } from '../hardware/operation-physics.js';
import {
  checkSlowdown,
  slowdownOfKind,
  slowedTiming,
  stageSlowdowns,
  type Slowdown,
} from './slowdown.js';
import type { InstructionTiming } from './timing.js';

/** What every instruction of one pipeline takes and draws: parallel arrays, per GPU. */
export interface Workload {
  /** Whole time on the GPU. */
  readonly durationS: Float64Array;
  /** The part of it that is spent waiting at blocking power. */
  readonly stallS: Float64Array;
  /** Power while it computes. */
  readonly powerW: Float64Array;
  /** Clock while it computes: the plan's, or what a throttled GPU makes of it. */
  readonly clockMHz: Float64Array;
  /** Its stage changes the clock for so long before it; nothing if left out. */
  readonly clockSwitchS?: Float64Array;
  /**
   * Power while its stage waits for it, at the clock of the instruction before; that before a
   * stage's first instruction is also that after its last. The job's blocking power if left out.
   */
  readonly waitingW?: Float64Array;
  /** Loading and transfers where they are not the job's. */
  readonly timing?: InstructionTiming;
  /** What changes in the middle of the iteration, in order of time. */
  readonly later?: readonly LaterWorkload[];
}

/** What instructions take that become ready at a time or after it. */
export interface LaterWorkload {
  readonly fromS: number;
  readonly workload: Omit<Workload, 'later'>;
}

/** What besides a plan decides what instructions take and draw. */
export interface Conditions {
  /** All that is slow at once. */
  readonly slowdowns?: readonly Slowdown[];
  /**
   * Per instruction: imbalance, jitter, a long microbatch; it computes so many times as long at the
   * same power. Slowdowns multiply it.
   */
  readonly durationFactor?: Float64Array | undefined;
  /** A stage waits so long when an instruction's clock is another than that of the one before. */
  readonly clockSwitchS?: number;
  /** Power of a waiting GPU at the clock in force; the same at all clocks if left out. */
  readonly waitingW?: (frequencyMHz: number) => number;
  /** The job's overheads, which slow links and late data lengthen. */
  readonly timing?: InstructionTiming;
}

/**
 * What the instructions really take and draw at the clocks of a plan, by the hardware's curves and
 * not by the planner's cost model. O(instructions).
 *
 * @param physics indexed as `dag.operation`.
 * @throws RangeError when a factor is out of range, or `physics` knows nothing of a clock.
 */
export function planWorkload(
  dag: ComputationDag,
  physics: readonly OperationPhysics[],
  plan: Pick<FrequencyPlan, 'frequencyMHz'>,
  conditions: Conditions = {},
): Workload {
  const n = dag.instructionCount;
  const { slowdowns = [], durationFactor, clockSwitchS = 0, waitingW, timing } = conditions;
  slowdowns.forEach(checkSlowdown);
  checkFactors(n, durationFactor);
  const ofStage = stageSlowdowns(dag.stageCount, slowdowns);
  const durationS = new Float64Array(n);
  const stallS = new Float64Array(n);
  const powerW = new Float64Array(n);
  const clockMHz = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const operation = physics[dag.operation[i]!]!;
    const slowdown = ofStage[dag.stage[i]!]!;
    const { busyFactor, stallFactor } = slowdownOfKind(slowdown, dag.kind[i]!);
    const { clockLimitMHz } = slowdown;
    const plannedMHz = plan.frequencyMHz[i]!;
    const frequencyMHz =
      plannedMHz > clockLimitMHz ? operation.clockAtMost(clockLimitMHz) : plannedMHz;
    const timeS = operation.timeS(frequencyMHz) * (durationFactor?.[i] ?? 1);
    const computingS = timeS + (busyFactor - 1) * timeS;
    stallS[i] = (stallFactor - 1) * computingS;
    durationS[i] = computingS + stallS[i]!;
    powerW[i] = operation.powerW(frequencyMHz);
    clockMHz[i] = frequencyMHz;
  }
  const slowTiming = timing && slowedTiming(dag, timing, slowdowns);
  return {
    durationS,
    stallS,
    powerW,
    clockMHz,
    ...(clockSwitchS > 0 ? { clockSwitchS: switchTimes(dag, clockMHz, clockSwitchS) } : {}),
    ...(waitingW === undefined
      ? {}
      : { waitingW: clockMHz.map((_, i) => waitingW(clockMHz[instructionBefore(dag, i)]!)) }),
    ...(slowTiming === undefined ? {} : { timing: slowTiming }),
  };
}

/** Iterations follow each other: before a stage's first instruction comes its last. */
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
  const wrong = durationFactor.find((factor) => !(factor >= 0 && factor < Infinity));
  if (wrong !== undefined) throw new RangeError(`found a duration factor of ${wrong}`);
}
