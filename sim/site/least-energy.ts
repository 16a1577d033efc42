import { siteJ, type Surroundings } from '../run/surroundings.js';
import type { PipelinePoint } from './pipeline-points.js';
import { iterationOf } from './power-budget.js';

/** A point of a policy's frontier, as an iteration of one pipeline. */
export interface EnergyPoint {
  readonly point: PipelinePoint;
  /** Of an iteration, the reduction of gradients included. */
  readonly timeS: number;
  /** Of the GPUs of one pipeline. */
  readonly pipelineJ: number;
  /** The same, their nodes and the site included. */
  readonly siteJ: number;
}

/** The points of least energy, with and without what surrounds the GPUs. */
export interface LeastEnergy {
  /** Where the GPUs use the least. */
  readonly ofGpus: EnergyPoint;
  /** Where the site uses the least: never slower. */
  readonly ofSite: EnergyPoint;
}

/**
 * Finds the points of least energy. A node draws its overhead for as long as an iteration takes, so what
 * surrounds GPUs makes slow plans dearer: the least of e + o·g·t cannot lie at a longer time than that of
 * e. PUE multiplies all of it and moves no point. O(points).
 *
 * @param points at least one.
 */
export function leastEnergy(
  points: readonly PipelinePoint[],
  reductionS: number,
  around: Surroundings,
  gpus: number,
): LeastEnergy {
  const all = points.map((point): EnergyPoint => {
    const { timeS, pipelineJ } = iterationOf(point, reductionS);
    return { point, timeS, pipelineJ, siteJ: siteJ(around, gpus, pipelineJ, timeS) };
  });
  // Of equal energies the faster one, which comes first.
  const leastBy = (energyJ: (point: EnergyPoint) => number) =>
    all.reduce((best, point) => (energyJ(point) < energyJ(best) ? point : best));
  return {
    ofGpus: leastBy(({ pipelineJ }) => pipelineJ),
    ofSite: leastBy(({ siteJ }) => siteJ),
  };
}
