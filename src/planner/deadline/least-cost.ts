import { most } from '../../extremes.js';
import { pathTimes, type Lags } from '../../pipeline/critical-path.js';
import type { ComputationDag } from '../../pipeline/dag.js';
import type { CostVertices } from '../oracle.js';
import { CostCurves } from './cost-curves.js';
import { OptimalTimes } from './optimal-times.js';
import { finishOf, startOf, timingNetwork } from './timing-network.js';

/** Costs of a pipeline's operations over whole ticks. */
export interface TickProgram {
  readonly dag: ComputationDag;
  /** Indexed by `dag.operation[i]`; convex, non-increasing, with vertices at whole ticks. */
  readonly costs: readonly CostVertices[];
  /** In ticks. */
  readonly lags?: Lags | undefined;
}

/**
 * The durations, in whole ticks, that cost least within one deadline, without the rest of the
 * frontier: the earliest of the optimal schedules, which is the one that the frontier's walk keeps
 * (`MinCutWalk`), so that both choose the same durations.
 *
 * Solved in steps of a power of two ticks, each half as long as the one before; the work grows with
 * the logarithm of the number of ticks. GPT-3 175B, 8 stages × 96 microbatches: 20 to 110 ms, where
 * the frontier of 65,845 points takes 1.4 s.
 *
 * @returns undefined if no schedule meets the deadline.
 */
export function leastCostDurations(
  program: TickProgram,
  deadlineTicks: number,
): Float64Array | undefined {
  const { dag, costs, lags } = program;
  const at = (end: 0 | -1) =>
    Float64Array.from(dag.operation, (op) => costs[op]!.at(end)!.duration);
  const [fastest, slowest] = [at(0), at(-1)];
  const fastTimes = pathTimes(dag, fastest, lags);
  const slowTimes = pathTimes(dag, slowest, lags);
  if (deadlineTicks < fastTimes.length) return undefined;
  if (deadlineTicks >= slowTimes.length) return slowest;
  const network = timingNetwork(dag, deadlineTicks, lags);
  // Times between those of the fastest and of the slowest durations keep the deadline, too.
  const part = (deadlineTicks - fastTimes.length) / (slowTimes.length - fastTimes.length);
  const between = (fast: number, slow: number) => Math.floor(fast + part * (slow - fast));
  const start = new Float64Array(network.nodeCount);
  const limit = new Float64Array(network.nodeCount);
  const shorter = slowTimes.length - deadlineTicks;
  for (let i = 0; i < dag.instructionCount; i++) {
    const fast = fastTimes.earliestStart[i]!;
    const slow = slowTimes.earliestStart[i]!;
    start[startOf(i)] = between(fast, slow);
    start[finishOf(i)] = between(fast + fastest[i]!, slow + slowest[i]!);
    limit[startOf(i)] = slow - shorter;
    limit[finishOf(i)] = slow + slowest[i]! - shorter;
  }
  const curves = new CostCurves(costs, dag.instructionCount);
  const times = new OptimalTimes(network, dag.operation, curves, start);
  for (let step = firstStep(costs); step >= 1; step /= 2) times.solve(step);
  // Where time costs nothing, the walk takes no more of it than it must.
  times.toEarliest(limit);
  const { time } = times.bounds;
  return slowest.map((longest, i) => Math.min(longest, time[finishOf(i)]! - time[startOf(i)]!));
}

/** The step to begin with: a quarter to a half of the widest range of durations. */
function firstStep(costs: readonly CostVertices[]): number {
  const widest = most(costs.map((of) => of.at(-1)!.duration - of[0]!.duration));
  return 2 ** Math.max(0, Math.floor(Math.log2(Math.max(1, widest))) - 1);
}
