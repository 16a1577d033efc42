import type { ComputationDag } from '../../pipeline/dag.js';
import type { OracleProblem } from '../oracle.js';
import { LongestPaths } from './longest-paths.js';
import { PricedPaths } from './priced-paths.js';
import { PriceResponse } from './price-response.js';

/** Visits of instructions for one deadline: one or two seconds of a processor. */
export const PATH_BOUND_EFFORT = 6e7;
/**
 * The bound is good enough when the longest path exceeds the deadline by at most this fraction of
 * the difference between the longest paths at the slowest and at the fastest durations.
 */
const CONVERGED = 1e-5;
/** Priced paths are balanced to within this fraction of the longest path's excess. */
const BALANCED = 0.2;
/**
 * At first, while the excess is unknown, to this fraction of the difference between those lengths.
 */
const FIRST_BALANCED = 1e-3;
/** Sweeps over the priced paths after each new one. */
const SWEEPS = 2;
/** Once that has converged, responses to prices become this many times sharper, repeatedly, … */
const SHARPER = 8;
/** … until they are nearly the exact step functions. */
const SHARPEST = SHARPER ** -4;
/** Fraction of the cost of running the whole pipeline at full speed that counts as zero. */
const NEGLIGIBLE = 5e-3;

/** The least that any schedule within a deadline costs. */
export interface PathBound {
  readonly leastJ: number;
  /**
   * The time, as a fraction of the deadline, by which a schedule that costs no more than this
   * exceeds it (to within half a percent of the difference between the costs of the fastest and of
   * the slowest durations).
   */
  readonly extraTime: number;
}

/** A bound with the schedule from which it follows. */
export interface PricedSchedule extends PathBound {
  /**
   * Per instruction: the duration at the last prices, near those of the cheapest schedule. Some paths
   * may be a little longer than the deadline.
   */
  readonly duration: Float64Array;
}

/**
 * A bound on the optimum of the linear program that `Oracle` solves, for pipelines of any size:
 * each round puts a price on the path that is longest at the durations implied by the current
 * prices (column generation on the dual, Dantzig and Wolfe 1960). The bound holds after every
 * round, rises from round to round and converges to the optimum; it needs no ticks.
 *
 * Effort is counted in work, not in time, so that the result depends on the problem alone. The
 * search starts with the paths through all instructions of each stage, which alone come within a
 * few percent. O(effort + stages · instructions); memory for the instructions and the paths.
 *
 * Megatron 1T at the highest clocks: with 64 stages × 512 microbatches 0.24 % below the optimum after
 * the default effort, with 32 × 256 0.02 %, with 16 × 128 0.001 %.
 *
 * @param deadline raised to the least possible time if it is below that.
 */
export function pathBound(
  { dag, costs, lags }: OracleProblem,
  deadline: number,
  effort = PATH_BOUND_EFFORT,
): PricedSchedule {
  const responses = costs.map((vertices) => new PriceResponse(vertices));
  const lengthsAt = (durationOf: (response: PriceResponse) => number) =>
    new LongestPaths(
      dag,
      Float64Array.from(dag.operation, (op) => durationOf(responses[op]!)),
      lags,
    );
  const atFastest = lengthsAt((response) => response.fastest);
  const span = lengthsAt((response) => response.slowest).length - atFastest.length;
  const within = Math.max(deadline, atFastest.length);
  const paths = new PricedPaths(dag, responses, within);
  for (let stage = 0; stage < dag.stageCount; stage++) paths.add(atFastest.throughStage(stage));
  paths.balance(FIRST_BALANCED * span);
  const rangeJ = costRange(dag, responses);
  // Nothing costs less than the slowest durations, which prices may fail to find with little effort.
  let leastJ = slowestCost(dag, responses);
  let extraTime = Math.max(0, span - (within - atFastest.length)) / within;
  const { duration } = paths;
  for (let work = 0, smoothing = 1; ; work += 3 * dag.instructionCount) {
    leastJ = Math.max(leastJ, paths.leastJ());
    const now = new LongestPaths(dag, duration, lags);
    const tooLong = Math.max(0, now.length - within);
    if (paths.costJ() <= leastJ + NEGLIGIBLE * rangeJ) {
      extraTime = Math.min(extraTime, tooLong / within);
    }
    if (work + paths.visits >= effort) return { leastJ, extraTime, duration };
    if (tooLong <= CONVERGED * span) {
      if (smoothing <= SHARPEST) return { leastJ, extraTime, duration };
      smoothing /= SHARPER;
      paths.sharpen(smoothing);
    } else {
      paths.dropFree();
      paths.add(now.longest());
    }
    for (let k = 0; k < SWEEPS; k++) paths.balance(BALANCED * tooLong);
  }
}

/** The cost of the slowest durations, which no others undercut. */
function slowestCost({ operation }: ComputationDag, responses: readonly PriceResponse[]): number {
  const costs = responses.map((of) => of.costAt(of.slowest));
  return operation.reduce((sum, op) => sum + costs[op]!, 0);
}

/**
 * The energy by which the pipeline's consumption falls from the fastest to the slowest durations.
 */
function costRange({ operation }: ComputationDag, responses: readonly PriceResponse[]): number {
  const ranges = responses.map((of) => of.costAt(of.fastest) - of.costAt(of.slowest));
  return operation.reduce((sum, op) => sum + ranges[op]!, 0);
}
