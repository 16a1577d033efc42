import type { ComputationDag } from './dag.js';

/**
 * The link between two stages that hand results on: link s joins stages s and s + 1, link
 * `stageCount − 1` the last stage and the first one, where a schedule goes round.
 */
export function linkBetween(stage: number, other: number, stageCount: number): number {
  return Math.abs(stage - other) === 1 ? Math.min(stage, other) : stageCount - 1;
}

/** How many links a pipeline uses: one more where its last stage hands on to its first. */
export function linkCount({ stageCount, stage, inputStage }: ComputationDag): number {
  const goesRound = inputStage.some((other, i) => other >= 0 && Math.abs(other - stage[i]!) > 1);
  return goesRound ? stageCount : stageCount - 1;
}
