import type { ComputationDag } from './dag.js';

/**
 * The link between two stages, one of which hands its results to the other: link s joins stages s
 * and s + 1; link `stageCount − 1` joins the last stage and the first, if the schedule wraps
 * around.
 */
export function linkBetween(stage: number, other: number, stageCount: number): number {
  return Math.abs(stage - other) === 1 ? Math.min(stage, other) : stageCount - 1;
}

/** The number of links that a pipeline uses: one more if its last stage hands on to its first. */
export function linkCount({ stageCount, stage, inputStage }: ComputationDag): number {
  const goesRound = inputStage.some((other, i) => other >= 0 && Math.abs(other - stage[i]!) > 1);
  return goesRound ? stageCount : stageCount - 1;
}
