import { BACKWARD, FORWARD, RECOMPUTE, WEIGHT_GRADIENT } from '../profile/operation.js';
import type { ComputationDag } from './dag.js';

/**
 * The most that each stage must keep for its gradients at any moment, in microbatches of one S-th
 * of the model (S stages); a chunk of an interleaved pipeline counts as correspondingly less.
 */
export interface ActivationPeaks {
  /** All activations of a forward, until both of its gradients are computed. */
  readonly activations: Float64Array;
  /** Only the input of a forward that is recomputed, until its gradients are computed. */
  readonly checkpoints: Float64Array;
}

/** Counts activations along every stage's order. O(instructions). */
export function activationPeaks(dag: ComputationDag): ActivationPeaks {
  const activations = new Float64Array(dag.stageCount);
  const checkpoints = new Float64Array(dag.stageCount);
  const has = (kind: number): boolean => dag.kind.includes(kind);
  const recomputes = has(RECOMPUTE);
  const share = dag.stageCount / dag.modelStageCount;
  for (let s = 0; s < dag.stageCount; s++) {
    let held = 0;
    let checkpointed = 0;
    for (let i = dag.stageStart[s]!; i < dag.stageStart[s + 1]!; i++) {
      const kind = dag.kind[i]!;
      if (kind === FORWARD && recomputes) checkpointed++;
      else if (kind === FORWARD || kind === RECOMPUTE) held++;
      activations[s] = Math.max(activations[s]!, held);
      checkpoints[s] = Math.max(checkpoints[s]!, checkpointed);
      if (kind === RECOMPUTE) checkpointed--;
      // In a split backward the weights' gradient comes last, and still needs the activations.
      if (kind === BACKWARD || kind === WEIGHT_GRADIENT) held--;
    }
  }
  return {
    activations: activations.map((count) => count * share),
    checkpoints: checkpoints.map((count) => count * share),
  };
}
