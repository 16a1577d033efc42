import {
  drawExponential,
  drawFromQuantiles,
  drawLogUniform,
  type QuantileTable,
} from '../kernel/distributions.js';
import { randomStream } from '../kernel/random-streams.js';
import type { Straggler } from './data-parallel.js';

/** Slowdowns that come, last and go by chance, on every pipeline independently. */
export interface StragglerModel {
  /** Of one pipeline, from the end of one slowdown to the beginning of the next. */
  readonly meanTimeBetweenS: number;
  /** Durations: all orders of magnitude between the two are equally likely. */
  readonly shortestS: number;
  readonly longestS: number;
  /** Part of them that wait, for data or for a link, and do not compute at full power. */
  readonly stallShare: number;
}

/**
 * Slowdowns of production jobs (ByteDance, OSDI '25, arXiv 2505.05713): 42.5 % of jobs are at least
 * 1.1 times slower; 10 % waste 21.3 % of their GPU-hours or more, 1 % waste 45 %, which makes
 * 1 / (1 − waste); with one bad worker dominating they are 3.04 times slower on average.
 */
export const SLOWDOWN_QUANTILES: QuantileTable = [
  [0, 1],
  [0.575, 1.1],
  [0.9, 1 / (1 - 0.213)],
  [0.99, 1 / (1 - 0.45)],
  [1, 3.04],
];

/** Slowdowns of all pipelines that begin within a time, in order of pipelines and time. */
export function drawStragglers(
  model: StragglerModel,
  seed: number,
  pipelineCount: number,
  withinS: number,
): Straggler[] {
  return Array.from({ length: pipelineCount }, (_, pipeline) => {
    const uniform = randomStream(seed, `stragglers/pipeline-${pipeline}`);
    const ofPipeline: Straggler[] = [];
    let fromS = drawExponential(uniform, model.meanTimeBetweenS);
    while (fromS < withinS) {
      const untilS = fromS + drawLogUniform(uniform, model.shortestS, model.longestS);
      const factor = drawFromQuantiles(uniform, SLOWDOWN_QUANTILES);
      const cause = uniform() < model.stallShare ? 'stall' : 'busy';
      ofPipeline.push({ pipeline, cause, factor, fromS, untilS });
      fromS = untilS + drawExponential(uniform, model.meanTimeBetweenS);
    }
    return ofPipeline;
  }).flat();
}
