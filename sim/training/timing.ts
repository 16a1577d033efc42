import { FORWARD } from '../../src/profile/stage-profile.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';

/**
 * Time that a pipeline spends on other things than computing. What closes the gap between a plain
 * schedule and measured jobs; all zero by default.
 */
export interface TimingOverheads {
  /** Per stage: loading a microbatch before each forward. */
  readonly loadingS: readonly number[];
  /**
   * Per link between stages s and s + 1: one exchange, activations one way and gradients the
   * other. Point-to-point transfers block both sides: stage s spends this after each forward,
   * stage s + 1 after each backward, so an interior stage pays two exchanges per microbatch. What
   * is sent arrives when the exchange ends.
   */
  readonly transferS: readonly number[];
  /** After all pipelines have met: optimizer step, gradient reduction. */
  readonly iterationConstantS: number;
}

/** No overheads at all. */
export function noOverheads(stageCount: number): TimingOverheads {
  return {
    loadingS: new Array<number>(stageCount).fill(0),
    transferS: new Array<number>(Math.max(0, stageCount - 1)).fill(0),
    iterationConstantS: 0,
  };
}

/** Per instruction: loading before it starts to compute. */
export function loadingTimes(dag: ComputationDag, timing: TimingOverheads): Float64Array {
  return Float64Array.from(dag.stage, (stage, i) =>
    dag.kind[i] === FORWARD ? timing.loadingS[stage]! : 0,
  );
}

/** Per instruction: the exchange after it, during which its stage does nothing else. */
export function exchangeTimes(dag: ComputationDag, timing: TimingOverheads): Float64Array {
  return Float64Array.from(dag.stage, (stage, i) => {
    const link = dag.kind[i] === FORWARD ? stage : stage - 1;
    return timing.transferS[link] ?? 0;
  });
}
