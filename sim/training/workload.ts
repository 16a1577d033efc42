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
 *
 * @param physics indexed as `dag.operation`.
 * @param durationFactor per instruction: imbalance, jitter, a long microbatch; it computes so many
 *   times as long at the same power. A slowdown multiplies it.
 * @throws RangeError when a factor is out of range, or `physics` knows nothing of a clock.
 */
export function planWorkload(
  dag: ComputationDag,
  physics: readonly OperationPhysics[],
  plan: Pick<FrequencyPlan, 'frequencyMHz'>,
  slowdown?: Slowdown,
  durationFactor?: Float64Array,
): Workload {
  const n = dag.instructionCount;
  checkFactors(n, slowdown, durationFactor);
  const durationS = new Float64Array(n);
  const stallS = new Float64Array(n);
  const powerW = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const operation = physics[dag.operation[i]!]!;
    const frequencyMHz = plan.frequencyMHz[i]!;
    const timeS = operation.timeS(frequencyMHz) * (durationFactor?.[i] ?? 1);
    const extraS = slowdown === undefined ? 0 : (slowdown.factor - 1) * timeS;
    durationS[i] = timeS + extraS;
    stallS[i] = slowdown?.cause === 'stall' ? extraS : 0;
    powerW[i] = operation.powerW(frequencyMHz);
  }
  return { durationS, stallS, powerW };
}

function checkFactors(n: number, slowdown?: Slowdown, durationFactor?: Float64Array): void {
  if (slowdown !== undefined && !(slowdown.factor >= 1 && slowdown.factor < Infinity)) {
    throw new RangeError(`a straggler is slower by a factor of ${slowdown.factor}, expected ≥ 1`);
  }
  if (durationFactor === undefined) return;
  if (durationFactor.length !== n) {
    throw new RangeError(`${durationFactor.length} duration factors for ${n} instructions`);
  }
  const wrong = durationFactor.find((factor) => !(factor >= 0 && factor < Infinity));
  if (wrong !== undefined) throw new RangeError(`found a duration factor of ${wrong}`);
}
