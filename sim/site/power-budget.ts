import type { Surroundings } from '../run/surroundings.js';
import type { PipelinePoint } from './pipeline-points.js';

/** The power of a site, and how it is drawn. */
export interface PowerBudget extends Surroundings {
  readonly budgetW: number;
}

/** Watts in a megawatt. */
export const WATTS_PER_MW = 1e6;

/** One iteration of a job of several pipelines that all run the same plan. */
export interface Iteration {
  readonly timeS: number;
  /** Of the GPUs of one pipeline. */
  readonly pipelineJ: number;
}

/** An iteration of pipelines that add up their gradients for some time. */
export function iterationOf(
  { timeS, energyJ, reducingW }: PipelinePoint,
  reductionS: number,
): Iteration {
  return { timeS: timeS + reductionS, pipelineJ: energyJ + reducingW * reductionS };
}
