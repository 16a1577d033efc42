import type { ComputationDag } from '../../pipeline/dag.js';
import type { OracleProblem } from '../oracle.js';
import { LongestPaths } from './longest-paths.js';
import { PricedPaths } from './priced-paths.js';
import { PriceResponse } from './price-response.js';

/** Visits of instructions for one deadline: a second or two of a processor. */
export const PATH_BOUND_EFFORT = 6e7;
/**
 * Enough when the longest path is too long by no more than this part of what lies between the
 * longest paths at the slowest and at the fastest durations.
 */
const CONVERGED = 1e-5;
/** Priced paths are balanced to this part of what the longest path is too long by. */
const BALANCED = 0.2;
/** At the beginning, when that is not known, to this part of what lies between those lengths. */
const FIRST_BALANCED = 1e-3;
/** Sweeps over the priced paths after each new one. */
const SWEEPS = 2;
/** Once that has converged, answers to prices become so many times as sharp, and once more, … */
const SHARPER = 8;
/** … until they are nearly the steps that they are. */
const SHARPEST = SHARPER ** -4;
/** Part of what all of the pipeline's speed costs that counts as nothing. */
const NEGLIGIBLE = 5e-3;

/** What every schedule within a deadline costs at least. */
export interface PathBound {
  readonly leastJ: number;
  /**
   * How much more time, as a part of the deadline, a schedule needs that costs no more than this (but
   * for half a percent of what lies between the costs of the fastest and of the slowest durations).
   */
  readonly extraTime: number;
}

/**
 * A bound on the optimum of the linear program that `Oracle` solves, for pipelines of any size: each
 * round gives a price to the path that is longest at the durations that the prices of other paths
 * lead to (column generation on the dual, Dantzig and Wolfe 1960). The bound is true after any
 * round, rises with them and converges to the optimum; it needs no ticks.
 *
 * Rounds are counted in work, not in time, so that the result depends on the problem alone. Starts
 * with the paths through all instructions of each stage, which alone are within some percent.
 * O(effort + stages · instructions) and as much memory as the instructions and the paths need.
 *
 * Megatron 1T at the highest clocks: with 64 stages × 512 microbatches 0.24 % below the optimum after
 * the default effort, with 32 × 256 0.02 %, with 16 × 128 0.001 %.
 *
 * @param deadline none below the least that is possible; less counts as that.
 */
export function pathBound(
  { dag, costs, lags }: OracleProblem,
  deadline: number,
  effort = PATH_BOUND_EFFORT,
): PathBound {
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
  let leastJ = -Infinity;
  let extraTime = Math.max(0, span - (within - atFastest.length)) / within;
  for (let work = 0, smoothing = 1; ; work += 3 * dag.instructionCount) {
    leastJ = Math.max(leastJ, paths.leastJ());
    const now = new LongestPaths(dag, paths.duration, lags);
    const tooLong = Math.max(0, now.length - within);
    if (paths.costJ() <= leastJ + NEGLIGIBLE * rangeJ) {
      extraTime = Math.min(extraTime, tooLong / within);
    }
    if (work + paths.visits >= effort) return { leastJ, extraTime };
    if (tooLong <= CONVERGED * span) {
      if (smoothing <= SHARPEST) return { leastJ, extraTime };
      smoothing /= SHARPER;
      paths.sharpen(smoothing);
    } else {
      paths.dropFree();
      paths.add(now.longest());
    }
    for (let k = 0; k < SWEEPS; k++) paths.balance(BALANCED * tooLong);
  }
}

/** What the pipeline's energy falls by from the fastest to the slowest durations. */
function costRange({ operation }: ComputationDag, responses: readonly PriceResponse[]): number {
  const ranges = responses.map((of) => of.costAt(of.fastest) - of.costAt(of.slowest));
  return operation.reduce((sum, op) => sum + ranges[op]!, 0);
}
