import type { ComputationDag } from '../../src/pipeline/dag.js';
import type { FrequencyPlan } from '../../src/planner/planner.js';
import type { OperationPhysics } from '../hardware/operation-physics.js';

/** Why a pipeline is slow, which decides what its GPUs draw during the extra time. */
export type StragglerCause =
  /** It computes all the longer at the same power: a throttled or worn GPU (the paper's E · sf). */
  | 'busy'
  /** It waits at blocking power: for data, for a link, for a fault to pass. */
  | 'stall';

/** How much slower than planned the instructions of a pipeline run. */
export interface Slowdown {
  /** ≥ 1. */
  readonly factor: number;
  readonly cause: StragglerCause;
}

/** What every instruction of one pipeline takes and draws: parallel arrays, per GPU. */
export interface Workload {
  /** Whole time on the GPU. */
  readonly durationS: Float64Array;
  /** The part of it that is spent waiting at blocking power. */
  readonly stallS: Float64Array;
  /** Power while it computes. */
  readonly powerW: Float64Array;
}

/**
 * What the instructions really take and draw at the clocks of a plan, by the hardware's curves and
 * not by the planner's cost model. O(instructions).
 */
export function planWorkload(
  dag: ComputationDag,
  physics: readonly OperationPhysics[],
  plan: Pick<FrequencyPlan, 'frequencyMHz'>,
  slowdown?: Slowdown,
): Workload {
  const n = dag.instructionCount;
  const durationS = new Float64Array(n);
  const stallS = new Float64Array(n);
  const powerW = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const operation = physics[dag.operation[i]!]!;
    const frequencyMHz = plan.frequencyMHz[i]!;
    const timeS = operation.timeS(frequencyMHz);
    const extraS = slowdown === undefined ? 0 : (slowdown.factor - 1) * timeS;
    durationS[i] = timeS + extraS;
    stallS[i] = slowdown?.cause === 'stall' ? extraS : 0;
    powerW[i] = operation.powerW(frequencyMHz);
  }
  return { durationS, stallS, powerW };
}
