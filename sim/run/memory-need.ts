import type { ActivationPeaks } from '../../src/pipeline/activation-peaks.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import { STATE_PER_WEIGHT, type StageMemory } from '../hardware/memory.js';

/** What a GPU of the stage that needs the most memory must hold, in GB (10⁹ bytes). */
export interface MemoryNeed {
  readonly gpu: string;
  readonly capacityGB: number;
  readonly stage: number;
  readonly weightsGB: number;
  /** Gradients and optimizer, nothing of them sharded. */
  readonly stateGB: number;
  readonly activationsGB: number;
  readonly totalGB: number;
}

/**
 * The memory of the fullest stage, if it has not got it; undefined if everything fits. Each stage
 * holds the parts of the model that it works on, and activations as its order of instructions keeps
 * them (`peaks`). O(operations).
 */
export function memoryShortage(
  dag: ComputationDag,
  peaks: ActivationPeaks,
  { gpu, capacityGB, weightsGB, activationsGB }: StageMemory,
): MemoryNeed | undefined {
  const chunksPerStage = dag.modelStageCount / dag.stageCount;
  const needs = Array.from({ length: dag.stageCount }, (_, stage): MemoryNeed => {
    const held = [
      ...new Set(
        dag.operations.filter((op) => op.stage === stage).map(({ modelStage }) => modelStage),
      ),
    ];
    const sum = (values: readonly number[]) => held.reduce((total, m) => total + values[m]!, 0);
    const weights = sum(weightsGB);
    // Peaks count microbatches of a whole stage: of as many parts as a stage has on average.
    const ofMicrobatchGB = (sum(activationsGB) / held.length) * chunksPerStage;
    const activations = peaks.activations[stage]! * ofMicrobatchGB;
    const stateGB = STATE_PER_WEIGHT * weights;
    return {
      ...{ gpu, capacityGB, stage, weightsGB: weights, stateGB, activationsGB: activations },
      totalGB: weights + stateGB + activations,
    };
  });
  const fullest = needs.reduce((a, b) => (b.totalGB > a.totalGB ? b : a));
  return fullest.totalGB > capacityGB ? fullest : undefined;
}
