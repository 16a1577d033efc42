import {
  drawExponential,
  drawFromQuantiles,
  drawLogUniform,
  type QuantileTable,
} from '../kernel/distributions.js';
import { randomStream, type RandomStream } from '../kernel/random-streams.js';
import type { Straggler } from './data-parallel.js';
import type { Slowdown } from './slowdown.js';

/** Causes that may be drawn, each with the slowdowns that production jobs suffered from it. */
export const STRAGGLER_KINDS = [
  'slow-job',
  'slow-step',
  'bad-worker',
  'long-last-stage',
  'slow-gpu',
  'slow-link',
  'data-stall',
] as const;

export type StragglerKind = (typeof STRAGGLER_KINDS)[number];

/** Slowdowns that begin and last by chance, on every pipeline independently. */
export interface StragglerModel {
  /** Of one pipeline: the mean time from the end of one slowdown to the beginning of the next. */
  readonly meanTimeBetweenS: number;
  /** Bounds of the durations: all orders of magnitude between the two are equally likely. */
  readonly shortestS: number;
  readonly longestS: number;
  /** Fraction of slow jobs and steps that wait instead of computing at full power. */
  readonly stallShare: number;
  /** Relative frequency of each kind; at least one above 0. */
  readonly kinds: Readonly<Partial<Record<StragglerKind, number | undefined>>>;
}

/** The job for which stragglers are drawn. */
export interface DrawnJob {
  readonly pipelines: number;
  readonly stages: number;
  /** Links between stages; 0 if no results are handed on. */
  readonly links: number;
  readonly microbatches: number;
  /** An iteration without stragglers. */
  readonly iterationS: number;
}

/**
 * Slowdowns of production jobs (Lin et al., OSDI '25, arXiv 2505.05713): 42.5 % of jobs are at
 * least 1.1 times slower; 10 % waste 21.3 % of their GPU-hours or more, 1 % waste 45 %, which makes
 * 1 / (1 − waste); with one bad worker dominating they are 3.04 times slower on average.
 */
const JOB_SLOWDOWNS: QuantileTable = [
  [0, 1],
  [0.575, 1.1],
  [0.9, 1 / (1 - 0.213)],
  [0.99, 1 / (1 - 0.45)],
  [1, 3.04],
];

/**
 * Slowdowns of single steps against their job's (ibid.): median 1.0, 90th percentile 1.06. The tail
 * is not published: the line is extended.
 */
const STEP_SLOWDOWNS: QuantileTable = [
  [0, 1],
  [0.5, 1],
  [0.9, 1.06],
  [1, 1.075],
];

/** One bad worker, and a last stage that is too long (ibid., traces AR and ST). */
const BAD_WORKER = { slowdown: 2.5, backwardSlowdown: 2.27 };
const LONG_LAST_STAGE = { slowdown: 2.07, backwardSlowdown: 1.42 };

/** GPUs of one model differ by this much (Sinha et al., SC '22). */
const GPU_SPREAD = 0.08;

/** The approximate number of slowdowns that `drawStragglers` makes. */
export function expectedStragglers(
  { meanTimeBetweenS, shortestS, longestS }: StragglerModel,
  pipelines: number,
  withinS: number,
): number {
  const range = Math.log(longestS / shortestS);
  const meanS = range > 0 ? (longestS - shortestS) / range : shortestS;
  return (pipelines * withinS) / (meanTimeBetweenS + meanS);
}

/**
 * Slowdowns of all pipelines that begin within a time, ordered by pipeline and time. A longer time
 * adds to them and changes none.
 */
export function drawStragglers(
  model: StragglerModel,
  seed: number,
  job: DrawnJob,
  withinS: number,
): Straggler[] {
  return Array.from({ length: job.pipelines }, (_, pipeline) => {
    const uniform = randomStream(seed, `stragglers/pipeline-${pipeline}`);
    const ofPipeline: Straggler[] = [];
    let fromS = drawExponential(uniform, model.meanTimeBetweenS);
    while (fromS < withinS) {
      const kind = drawKind(uniform, model.kinds);
      const lastsS = drawLogUniform(uniform, model.shortestS, model.longestS);
      const slowdown = drawSlowdown(uniform, kind, model, job);
      const untilS = fromS + (kind === 'slow-step' ? job.iterationS : lastsS);
      ofPipeline.push({ pipeline, ...slowdown, fromS, untilS });
      fromS = untilS + drawExponential(uniform, model.meanTimeBetweenS);
    }
    return ofPipeline;
  }).flat();
}

function drawKind(uniform: RandomStream, kinds: StragglerModel['kinds']): StragglerKind {
  const offered = STRAGGLER_KINDS.filter((kind) => (kinds[kind] ?? 0) > 0);
  const total = offered.reduce((sum, kind) => sum + kinds[kind]!, 0);
  let left = uniform() * total;
  for (const kind of offered) {
    left -= kinds[kind]!;
    if (left < 0) return kind;
  }
  return offered.at(-1)!;
}

function drawSlowdown(
  uniform: RandomStream,
  kind: StragglerKind,
  { stallShare }: StragglerModel,
  { stages, links, microbatches, iterationS }: DrawnJob,
): Slowdown {
  const oneOf = (count: number) => Math.floor(uniform() * count);
  const jobSlowdown = () => drawFromQuantiles(uniform, JOB_SLOWDOWNS);
  const cause = () => (uniform() < stallShare ? 'stall' : 'busy');
  switch (kind) {
    case 'slow-job':
      return { slowdown: jobSlowdown(), cause: cause() };
    case 'slow-step':
      return { slowdown: drawFromQuantiles(uniform, STEP_SLOWDOWNS), cause: cause() };
    case 'bad-worker':
      return { cause: 'busy', ...BAD_WORKER, stage: oneOf(stages) };
    case 'long-last-stage':
      return { cause: 'busy', ...LONG_LAST_STAGE, stage: stages - 1 };
    case 'slow-gpu':
      return { cause: 'busy', slowdown: 1 + GPU_SPREAD * uniform(), stage: oneOf(stages) };
    case 'slow-link':
      return { cause: 'slow-link', slowdown: jobSlowdown(), link: oneOf(links) };
    case 'data-stall':
      // Lateness of all microbatches that makes a pipeline about as slow as such jobs are.
      return {
        cause: 'data-stall',
        delayS: ((jobSlowdown() - 1) * iterationS) / microbatches,
      };
  }
}
