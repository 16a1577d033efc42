import { entryOf } from '../../src/groups.js';
import type { Lags } from '../../src/pipeline/critical-path.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import {
  isOracleFeasible,
  loadOracle,
  type CostVertices,
  type Oracle,
} from '../../src/planner/oracle.js';
import type { PlanningProblem, PlanningProgress, Plans } from '../../src/planner/planner.js';
import {
  pipelineWaitingW,
  planningLags,
  type PlanningSettings,
} from '../../src/planner/planning-problem.js';
import {
  PATH_BOUND_EFFORT,
  pathBound,
  type PathBound,
} from '../../src/planner/path-bound/path-bound.js';
import { frontierSize } from '../../src/planner/perseus/frontier-size.js';
import { perseus } from '../../src/planner/perseus/perseus.js';
import { lowerHull, staircase } from '../../src/lower-left.js';
import { costTable } from '../../src/profile/cost-model.js';
import type { OperationCosts } from '../../src/profile/operation-costs.js';
import { ticksFromSeconds } from '../../src/units.js';
import type { PlainJob } from '../scenario/plain-stragglers.js';

/** The least energy that an iteration time needs, on the hull of the options: no plan uses less. */
export interface EnergyBound {
  /**
   * `lp`: linear program in exact times; `hull-frontier`: minimum cuts in whole ticks; `paths`: prices
   * on critical paths, in exact times.
   */
  readonly method: 'lp' | 'hull-frontier' | 'paths';
  /** One iteration of a whole job, until its pipelines meet, and nothing else. */
  ofJob(job: PlainJob, meetS: number): number;
  /**
   * The looseness of the bound: it is no lower than the least energy in this much more time, as a part
   * of the time of pipelines. 0 except for `paths`.
   */
  extraTime(job: PlainJob, meetS: number): number;
}

/** A pipeline to bound. */
export interface BoundedPipeline {
  readonly dag: ComputationDag;
  readonly problem: PlanningProblem;
  readonly planning: PlanningSettings;
}

/** Most visits of instructions (see `FrontierSize`) for a frontier as a bound. */
const MOST_FRONTIER_VISITS = 2e7;

/**
 * The bound for a pipeline: in small cases by linear programming; in larger ones by the exact frontier
 * on the same hull, whose durations are whole ticks rounded down, so that it stays a bound and is
 * below the linear program's by no more than the rounding. If that would take longer than the
 * policies that it judges, from below by prices on critical paths (`pathBound`), which takes a second
 * or two whatever the pipeline's size. The choice depends on the problem alone.
 *
 * @param solver of linear programs; one is loaded if left out.
 */
export async function energyBound(
  pipeline: BoundedPipeline,
  onProgress?: PlanningProgress,
  solver?: Oracle,
): Promise<EnergyBound> {
  const { dag, problem, planning } = pipeline;
  const costs = problem.operations.map((operation) =>
    hullVertices(operation, problem.blockingPowerW),
  );
  if (isOracleFeasible({ dag, costs })) {
    const oracle = solver ?? (await loadOracle());
    return jobBound('lp', pipeline, (timeS, lags) => {
      const optimum = oracle.optimum(
        { dag, costs, ...(lags === undefined ? {} : { lags }) },
        timeS,
      );
      if (optimum === undefined) throw new Error(`no schedule finishes within ${timeS} s`);
      return { leastJ: optimum.costJ, extraTime: 0 };
    });
  }
  const onHull = problemOnHull(pipeline, costs);
  if (frontierSize(onHull).visits > MOST_FRONTIER_VISITS) {
    return jobBound('paths', pipeline, (timeS, lags, share) => {
      const program = { dag, costs, ...(lags === undefined ? {} : { lags }) };
      return pathBound(program, timeS, PATH_BOUND_EFFORT * share);
    });
  }
  const frontierWith = frontiersOnHull(onHull, onProgress);
  const waitingW = pipelineWaitingW(problem);
  return jobBound('hull-frontier', pipeline, (timeS, lags) => {
    const { energyJ, timeS: lengthS } = frontierPointAt(
      frontierWith(lags),
      planning.unitTimeS,
      timeS,
    );
    return { leastJ: (energyJ - waitingW * lengthS) / problem.gpusPerStage, extraTime: 0 };
  });
}

/** The pipeline with costs on the hull, and lags, all rounded down to whole ticks. */
function problemOnHull(
  { problem, planning }: BoundedPipeline,
  costs: readonly CostVertices[],
): PlanningProblem {
  const operations = problem.operations.map((operation, k) =>
    inWholeTicks(operation, costs[k]!, planning.unitTimeS),
  );
  return withLags({ ...problem, operations }, problem.lags?.exactS);
}

function withLags(
  { lags: _, ...problem }: PlanningProblem,
  lagS: Lags | undefined,
): PlanningProblem {
  if (lagS === undefined) return problem;
  return { ...problem, lags: planningLags(lagS, problem.unitTimeS, ticksFromSeconds) };
}

/** Exact frontiers on the hull, one for each set of lags. */
function frontiersOnHull(
  onHull: PlanningProblem,
  onProgress?: PlanningProgress,
): (lags: Lags | undefined) => Plans {
  const known = new Map<Lags | undefined, Plans>();
  return (lags) => entryOf(known, lags, () => perseus.plan(withLags(onHull, lags), onProgress));
}

/**
 * The same hull over whole ticks: durations are rounded down and costs stay, so no schedule becomes
 * longer or dearer.
 */
function inWholeTicks(
  operation: OperationCosts,
  vertices: CostVertices,
  unitTimeS: number,
): OperationCosts {
  const leastAt = new Map<number, number>();
  // Of points that round to the same tick, the last is the cheapest.
  for (const { duration, costJ } of vertices) {
    leastAt.set(ticksFromSeconds(duration, unitTimeS), costJ);
  }
  const points = [...leastAt].map(([ticks, costJ]) => ({ ticks, costJ }));
  const minTicks = points[0]!.ticks;
  const maxTicks = points.at(-1)!.ticks;
  return { ...operation, minTicks, maxTicks, costJ: costTable('hull', points, minTicks, maxTicks) };
}

/** The falling part of the hull of (exact time, effective energy) over all options. */
function hullVertices({ allOptions }: OperationCosts, blockingPowerW: number): CostVertices {
  const points = allOptions.map(({ timeS, energyJ }) => ({
    x: timeS,
    y: energyJ - blockingPowerW * timeS,
  }));
  const useful = staircase(
    points,
    ({ x }) => x,
    ({ y }) => y,
  );
  return lowerHull(useful).map(({ x, y }) => ({ duration: x, costJ: y }));
}

/** The frontier's point at a time, or its slowest or fastest. */
function frontierPointAt(plans: Plans, unitTimeS: number, timeS: number) {
  const ticksAboveFastest = Math.floor(
    (timeS - plans.point(plans.pointCount - 1).timeS) / unitTimeS + 1e-9,
  );
  const fromSlowest = plans.pointCount - 1 - Math.max(0, ticksAboveFastest);
  return plans.point(Math.max(0, fromSlowest));
}

/**
 * @param effective least Σ c(d) of one GPU of each stage within a time, with lags, for a share of the
 *   effort that a job may cost.
 */
function jobBound(
  method: EnergyBound['method'],
  { problem, planning }: BoundedPipeline,
  effective: (timeS: number, lags: Lags | undefined, share: number) => PathBound,
): EnergyBound {
  const { gpusPerStage } = problem;
  const waitingW = pipelineWaitingW(problem);
  const known = new Map<string, PathBound>();
  const lagsFor = slowerThanLags(planning.lagS);
  /** A pipeline that computes `slowdown` times as long in `timeS`, counted without the slowdown. */
  const ofPipeline = (timeS: number, share: number, slowdown = 1): PathBound => {
    const lags = lagsFor(slowdown);
    const key = `${timeS} ${share} ${lags === undefined ? 1 : slowdown}`;
    // A schedule that takes exactly this long exists: rounding must not make the time infeasible.
    const found = entryOf(known, key, () => effective(timeS * (1 + 1e-12), lags, share));
    return { ...found, leastJ: gpusPerStage * found.leastJ + waitingW * timeS };
  };
  const stragglerJ = ({ slowdown, cause }: PlainStraggler, timeS: number, share: number) => {
    const ownJ = ofPipeline(timeS / slowdown, share, slowdown).leastJ;
    return cause === 'busy' ? slowdown * ownJ : ownJ + waitingW * (timeS - timeS / slowdown);
  };
  return {
    method,
    ofJob: (job, meetS) => {
      const share = 1 / slowdownsOf(job).size;
      const healthyJ = (job.pipelines - job.stragglers.length) * ofPipeline(meetS, share).leastJ;
      return job.stragglers.reduce((sum, s) => sum + stragglerJ(s, meetS, share), healthyJ);
    },
    extraTime: (job, meetS) => {
      const slowdowns = slowdownsOf(job);
      return [...slowdowns].reduce((most, slowdown) => {
        const of = ofPipeline(meetS / slowdown, 1 / slowdowns.size, slowdown);
        return Math.max(most, of.extraTime);
      }, 0);
    },
  };
}

type PlainStraggler = PlainJob['stragglers'][number];

/** The distinct slowdowns of pipelines; healthy ones have 1. */
function slowdownsOf({ stragglers }: PlainJob): ReadonlySet<number> {
  return new Set([1, ...stragglers.map(({ slowdown }) => slowdown)]);
}

/**
 * A straggler computes more slowly but sends as fast as others: counted in its own slow time, its
 * lags are this many times shorter. One object per slowdown.
 */
function slowerThanLags(lags: Lags | undefined): (slowdown: number) => Lags | undefined {
  const known = new Map<number, Lags>();
  return (slowdown) => {
    if (lags === undefined || slowdown === 1) return lags;
    const shorter = (values: ArrayLike<number>) => Array.from(values, (timeS) => timeS / slowdown);
    return entryOf(known, slowdown, () => ({
      ownStage: shorter(lags.ownStage),
      otherStage: shorter(lags.otherStage),
    }));
  };
}
