import type { PipelinePoint } from './pipeline-points.js';

/** The surroundings of GPUs that share the power of a site. */
export interface Surroundings {
  /** Of a node besides its GPUs, for each of them. */
  readonly overheadWPerGpu: number;
  /** Power of the site over that of its nodes. */
  readonly pue: number;
}

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

/** Power of the site for GPUs that use an energy in a time. */
export function siteW(
  { overheadWPerGpu, pue }: Surroundings,
  gpuJ: number,
  timeS: number,
  gpus: number,
): number {
  return pue * (gpuJ / timeS + overheadWPerGpu * gpus);
}
