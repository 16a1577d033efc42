import { entryOf } from '../../src/groups.js';
import type { Lags } from '../../src/pipeline/critical-path.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import { DualBounds } from '../../src/planner/deadline/dual-bound.js';
import type { CostVertices } from '../../src/planner/oracle.js';
import {
  PATH_BOUND_EFFORT,
  pathBound,
  type PathBound,
} from '../../src/planner/path-bound/path-bound.js';
import type { PlanningProblem } from '../../src/planner/planner.js';
import { pipelineWaitingW, type PlanningSettings } from '../../src/planner/planning-problem.js';
import { FRONTIER_POLICIES } from '../../src/planner/policy-names.js';
import { lowerHull, staircase } from '../../src/lower-left.js';
import type { OperationCosts } from '../../src/profile/operation-costs.js';
import type { PlainJob } from '../scenario/plain-stragglers.js';

/** The least energy that an iteration time needs, on the hull of the options: no plan uses less. */
export interface EnergyBound {
  /**
   * `lp`: the optimum of a linear program, from its dual; `paths`: from below, by prices on
   * critical paths.
   */
  readonly method: 'lp' | 'paths';
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
  /** The policies to judge; any, if left out. */
  readonly scenario?: { readonly policies: readonly string[] };
}

/** The effort for a bound. */
interface Effort {
  /** Up to this many instructions, the bound is exact. */
  readonly mostExact: number;
  /** Visits of instructions for the estimate in larger pipelines. */
  readonly visits: number;
}

/** About as much time as the plans of a frontier's policy take. */
const BESIDE_FRONTIERS: Effort = { mostExact: 5000, visits: PATH_BOUND_EFFORT };
/** A tenth of a second, or what it takes to simulate a larger pipeline at a few fixed clocks. */
const BESIDE_FIXED_CLOCKS = { mostExact: 2000, visits: 6e6, visitsOfEach: 300 };

/**
 * The bound for a pipeline: in all but the largest cases the optimum of a linear program (`DualBounds`),
 * else an estimate from below by prices on critical paths (`pathBound`), which takes a second
 * whatever the pipeline's size. Policies that take less time than that get a coarser bound in less
 * time. The choice depends on the problem and on the policies alone.
 */
export function energyBound(pipeline: BoundedPipeline): EnergyBound {
  const { dag, problem } = pipeline;
  const costs = problem.operations.map((operation) =>
    hullVertices(operation, problem.blockingPowerW),
  );
  const programOf = (lags: Lags | undefined) => ({
    ...{ dag, costs },
    ...(lags === undefined ? {} : { lags }),
  });
  const effort = effortFor(pipeline);
  if (dag.instructionCount <= effort.mostExact) {
    const byLags = new Map<Lags | undefined, DualBounds>();
    return jobBound('lp', pipeline, (timeS, lags) => {
      const bounds = entryOf(byLags, lags, () => new DualBounds(programOf(lags)));
      const leastJ = bounds.within(timeS);
      if (leastJ === undefined) throw new Error(`no schedule finishes within ${timeS} s`);
      return { leastJ, extraTime: 0 };
    });
  }
  return jobBound('paths', pipeline, (timeS, lags, share) =>
    pathBound(programOf(lags), timeS, effort.visits * share),
  );
}

/** The effort that the policies to judge are worth. */
function effortFor({ dag, scenario }: BoundedPipeline): Effort {
  if (scenario?.policies.every((policy) => !FRONTIER_POLICIES.has(policy)) !== true) {
    return BESIDE_FRONTIERS;
  }
  const { mostExact, visits, visitsOfEach } = BESIDE_FIXED_CLOCKS;
  const forAll = Math.max(visits, visitsOfEach * dag.instructionCount);
  return { mostExact, visits: Math.min(BESIDE_FRONTIERS.visits, forAll) };
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
