import { lastPassing } from '../../src/last-passing.js';
import type { INTERVAL_GOALS } from '../scenario/faults-schema.js';
import type { FaultJob } from './fault-job.js';
import { expectedIteration, type Expectation } from './renewal.js';

/** A goal that an interval between checkpoints is best for. */
export type IntervalGoal = (typeof INTERVAL_GOALS)[number];

/** The figure of an expectation that each goal makes least. */
const COSTS: Readonly<Record<IntervalGoal, (expected: Expectation) => number>> = {
  time: ({ timeS }) => timeS,
  energy: ({ energyJ }) => energyJ,
};

/** No interval beyond this many mean times between faults is of use. */
const LONGEST_PER_MTBF = 30;

/** The fewest iterations between checkpoints: one is written before the next begins. */
export function fewestIterations({ iterationS, rules }: FaultJob): number {
  return Math.max(1, Math.ceil(rules.writeS / iterationS - 1e-9));
}

/**
 * The iterations between checkpoints with the least expected cost. The cost falls and then rises with
 * them, so that bisection finds the exact optimum. O(log(MTBF / iteration)).
 */
export function bestIterations(job: FaultJob, goal: IntervalGoal): number {
  const least = fewestIterations(job);
  const most = Math.max(least, Math.ceil(LONGEST_PER_MTBF / (job.rules.rate * job.iterationS)));
  const cost = (iterations: number) => COSTS[goal](expectedIteration(job, iterations));
  return lastPassing(least, most, (k) => cost(k) < cost(k - 1));
}

/**
 * Young's interval, √(2 · MTBF · pause), for time ("A first order approximation to the optimum
 * checkpoint interval", CACM 1974). For energy the pause costs less than computing by the ratio of
 * their powers, and so the root of it enters.
 */
export function youngS(job: FaultJob, goal: IntervalGoal): number {
  const { rate, pauseS, pauseW } = job.rules;
  const gpus = job.pipelines * job.gpusPerPipeline;
  const weight = goal === 'time' ? 1 : (pauseW * gpus * job.iterationS) / job.iterationJ;
  return Math.sqrt((2 * pauseS * weight) / rate);
}

/** Daly's higher-order interval (FGCS 2006), for time. */
export function dalyS({ rules: { rate, pauseS } }: FaultJob): number {
  const mtbfS = 1 / rate;
  if (pauseS >= 2 * mtbfS) return mtbfS;
  const part = pauseS / (2 * mtbfS);
  return Math.sqrt(2 * pauseS * mtbfS) * (1 + Math.sqrt(part) / 3 + part / 9) - pauseS;
}
