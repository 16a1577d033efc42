import { entryOf } from '../../src/groups.js';
import type { Lags } from '../../src/pipeline/critical-path.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import {
  isOracleFeasible,
  loadOracle,
  type CostVertices,
  type Oracle,
} from '../../src/planner/oracle.js';
import { leastCost } from '../../src/planner/deadline/least-cost.js';
import type { PlanningProblem } from '../../src/planner/planner.js';
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
import { lowerHull, staircase } from '../../src/lower-left.js';
import type { OperationCosts } from '../../src/profile/operation-costs.js';
import { ticksFromSeconds } from '../../src/units.js';
import type { PlainJob } from '../scenario/plain-stragglers.js';

/** The least energy that an iteration time needs, on the hull of the options: no plan uses less. */
export interface EnergyBound {
  /**
   * `lp`: linear program in exact times; `hull-frontier`: the exact frontier's cost, in whole ticks;
   * `paths`: prices on critical paths, in exact times.
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

/** Most visits of instructions (see `FrontierSize`) of a frontier whose costs are the bound. */
const MOST_FRONTIER_VISITS = 2e7;

/**
 * The bound for a pipeline: in small cases by linear programming; in larger ones by the exact
 * frontier's cost on the same hull, at the times asked for alone (`leastCost`), whose durations are
 * whole ticks rounded down, so that it stays a bound and is below the linear program's by no more
 * than the rounding. For pipelines whose frontier takes long, from below by prices on critical paths
 * (`pathBound`), which takes a second or two whatever the pipeline's size. The choice depends on the
 * problem alone.
 *
 * @param solver of linear programs; one is loaded if left out.
 */
export async function energyBound(
  pipeline: BoundedPipeline,
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
  const ticked = costs.map((vertices) => inWholeTicks(vertices, planning.unitTimeS));
  const onHull = problemOnHull(pipeline, ticked);
  if (frontierSize(onHull).visits > MOST_FRONTIER_VISITS) {
    return jobBound('paths', pipeline, (timeS, lags, share) => {
      const program = { dag, costs, ...(lags === undefined ? {} : { lags }) };
      return pathBound(program, timeS, PATH_BOUND_EFFORT * share);
    });
  }
  return jobBound('hull-frontier', pipeline, (timeS, lags) => {
    const program = { dag, costs: ticked, lags: lags && flooredLags(lags, planning.unitTimeS) };
    const deadlineTicks = ticksFromSeconds(timeS, planning.unitTimeS);
    return { leastJ: leastCost(program, deadlineTicks), extraTime: 0 };
  });
}

/** The pipeline with costs and lags in whole ticks, to tell how large its frontier would be. */
function problemOnHull(
  { problem, planning }: BoundedPipeline,
  ticked: readonly CostVertices[],
): PlanningProblem {
  const operations = problem.operations.map((operation, k) => ({
    ...operation,
    minTicks: ticked[k]![0]!.duration,
    maxTicks: ticked[k]!.at(-1)!.duration,
  }));
  const { lags, ...others } = problem;
  return {
    ...others,
    operations,
    ...(lags && { lags: { ...lags, ticks: flooredLags(lags.exactS, planning.unitTimeS) } }),
  };
}

/** Lags in ticks, rounded down. */
function flooredLags(lagS: Lags, unitTimeS: number): Lags {
  return planningLags(lagS, unitTimeS, ticksFromSeconds).ticks;
}

/**
 * The same hull over whole ticks: durations are rounded down and costs stay, so no schedule becomes
 * longer or dearer.
 */
function inWholeTicks(vertices: CostVertices, unitTimeS: number): CostVertices {
  const leastAt = new Map<number, number>();
  // Of points that round to the same tick, the last is the cheapest.
  for (const { duration, costJ } of vertices) {
    leastAt.set(ticksFromSeconds(duration, unitTimeS), costJ);
  }
  const points = [...leastAt].map(([ticks, costJ]) => ({ x: ticks, y: costJ }));
  return lowerHull(points).map(({ x, y }) => ({ duration: x, costJ: y }));
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
