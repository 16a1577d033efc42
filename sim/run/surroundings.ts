import type { Scenario } from '../scenario/scenario-schema.js';

/** The power around the GPUs of a site. */
export interface Surroundings {
  /** Of a node besides its GPUs, for each of them. */
  readonly overheadWPerGpu: number;
  /** Power usage effectiveness: power of the site over that of its nodes. */
  readonly pue: number;
}

/** The surroundings of a scenario's GPUs; nothing without a site. */
export function surroundingsOf({ site }: Pick<Scenario, 'site'>): Surroundings {
  return { overheadWPerGpu: site?.overheadWPerGpu ?? 0, pue: site?.pue ?? 1 };
}

/** Power of the site while all of these GPUs together draw `gpuW`. */
export function siteW({ overheadWPerGpu, pue }: Surroundings, gpus: number, gpuW: number): number {
  return pue * (gpuW + overheadWPerGpu * gpus);
}

/** Energy of the site while all of these GPUs together use `gpuJ` in a time. */
export function siteJ(
  { overheadWPerGpu, pue }: Surroundings,
  gpus: number,
  gpuJ: number,
  timeS: number,
): number {
  return pue * (gpuJ + overheadWPerGpu * gpus * timeS);
}
