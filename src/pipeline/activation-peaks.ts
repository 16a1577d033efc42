import { BACKWARD, FORWARD, RECOMPUTE, WEIGHT_GRADIENT } from '../profile/operation.js';
import type { ComputationDag } from './dag.js';

/**
 * What each stage must keep for the gradients at its fullest moment, in microbatches of one S-th
 * of the model (S stages): a chunk of an interleaved pipeline counts as much less.
 */
export interface ActivationPeaks {
  /** All activations of a forward, until both its gradients are made. */
  readonly activations: Float64Array;
  /** Only the input of a forward that is recomputed, until then. */
  readonly checkpoints: Float64Array;
}

/** Counts activations through every stage's order. O(instructions). */
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
      // Of a split backward the weights' gradient comes last, and needs the activations too.
      if (kind === BACKWARD || kind === WEIGHT_GRADIENT) held--;
    }
  }
  return {
    activations: activations.map((count) => count * share),
    checkpoints: checkpoints.map((count) => count * share),
  };
}
