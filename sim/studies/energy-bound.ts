import type { Lags } from '../../src/pipeline/critical-path.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import {
  isOracleFeasible,
  loadOracle,
  type CostVertices,
  type Oracle,
} from '../../src/planner/oracle.js';
import type { PlanningProblem, PlanningProgress, Plans } from '../../src/planner/planner.js';
import { lagsInTicks, type PlanningSettings } from '../../src/planner/planning-problem.js';
import { perseus } from '../../src/planner/perseus/perseus.js';
import { costTable, lowerHull } from '../../src/profile/cost-model.js';
import type { OperationCosts } from '../../src/profile/operation-costs.js';
import { ticksFromSeconds } from '../../src/units.js';
import type { PlainJob } from './plain-stragglers.js';

/** The least energy that an iteration time needs, on the hull of the options: no plan uses less. */
export interface EnergyBound {
  /** `lp`: linear program in exact times; `hull-frontier`: minimum cuts in whole ticks. */
  readonly method: 'lp' | 'hull-frontier';
  /** One iteration of a whole job, until its pipelines meet; of all else it knows nothing. */
  ofJob(job: PlainJob, meetS: number): number;
}

/** A pipeline to bound. */
export interface BoundedPipeline {
  readonly dag: ComputationDag;
  readonly problem: PlanningProblem;
  readonly planning: PlanningSettings;
}

/**
 * The bound for a pipeline. Small cases by linear programming; large ones by the exact frontier on
 * the same hull, whose durations are whole ticks rounded down, so that it stays a bound and is
 * below the linear program's by no more than the rounding.
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
      return optimum.costJ;
    });
  }
  const frontierWith = frontiersOnHull(pipeline, costs, onProgress);
  const waitingW = dag.stageCount * problem.blockingPowerW * problem.gpusPerStage;
  return jobBound('hull-frontier', pipeline, (timeS, lags) => {
    const { energyJ, timeS: lengthS } = frontierPointAt(
      frontierWith(lags),
      planning.unitTimeS,
      timeS,
    );
    return (energyJ - waitingW * lengthS) / problem.gpusPerStage;
  });
}

/** Exact frontiers on the hull, one for each set of lags; those are rounded down too. */
function frontiersOnHull(
  { problem: { lagTicks: _, lagS: __, ...problem }, planning }: BoundedPipeline,
  costs: readonly CostVertices[],
  onProgress?: PlanningProgress,
): (lags: Lags | undefined) => Plans {
  const operations = problem.operations.map((operation, k) =>
    inWholeTicks(operation, costs[k]!, planning.unitTimeS),
  );
  const known = new Map<Lags | undefined, Plans>();
  return (lags) => {
    const lagTicks = lags && lagsInTicks(lags, planning.unitTimeS, ticksFromSeconds);
    const plans =
      known.get(lags) ??
      perseus.plan(
        { ...problem, operations, ...(lagTicks === undefined ? {} : { lagTicks }) },
        onProgress,
      );
    known.set(lags, plans);
    return plans;
  };
}

/**
 * The same hull over whole ticks: durations are rounded down and costs stay, so that no schedule
 * becomes longer or dearer.
 */
function inWholeTicks(
  operation: OperationCosts,
  vertices: CostVertices,
  unitTimeS: number,
): OperationCosts {
  const leastAt = new Map<number, number>();
  // Of those that round to one tick the last is the cheapest.
  for (const { duration, costJ } of vertices) {
    leastAt.set(ticksFromSeconds(duration, unitTimeS), costJ);
  }
  const points = [...leastAt].map(([ticks, costJ]) => ({ ticks, costJ }));
  const minTicks = points[0]!.ticks;
  const maxTicks = points.at(-1)!.ticks;
  return { ...operation, minTicks, maxTicks, costJ: costTable('hull', points, minTicks, maxTicks) };
}

/** The hull of (exact time, effective energy) over all options, as far as it falls. */
function hullVertices({ allOptions }: OperationCosts, blockingPowerW: number): CostVertices {
  const rising = [...allOptions].sort((a, b) => a.timeS - b.timeS || a.energyJ - b.energyJ);
  const points: { ticks: number; costJ: number }[] = [];
  for (const { timeS, energyJ } of rising) {
    const costJ = energyJ - blockingPowerW * timeS;
    const last = points.at(-1);
    if (last === undefined || (costJ < last.costJ && timeS > last.ticks)) {
      points.push({ ticks: timeS, costJ });
    }
  }
  return lowerHull(points).map(({ ticks, costJ }) => ({ duration: ticks, costJ }));
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
 * @param effectiveJ least Σ c(d) of one GPU of each stage within a time, with lags.
 */
function jobBound(
  method: EnergyBound['method'],
  { problem, planning }: BoundedPipeline,
  effectiveJ: (timeS: number, lags: Lags | undefined) => number,
): EnergyBound {
  const { dag, blockingPowerW, gpusPerStage } = problem;
  const waitingW = dag.stageCount * blockingPowerW * gpusPerStage;
  const known = new Map<string, number>();
  const lagsFor = slowerThanLags(planning.lagS);
  /** A pipeline that computes `slowdown` times as long and takes `timeS`, counted without that. */
  const pipelineJ = (timeS: number, slowdown = 1): number => {
    const lags = lagsFor(slowdown);
    const key = `${timeS} ${lags === undefined ? 1 : slowdown}`;
    // A schedule that takes exactly this long exists: rounding must not make the time infeasible.
    const withinS = timeS * (1 + 1e-12);
    const energyJ = known.get(key) ?? gpusPerStage * effectiveJ(withinS, lags) + waitingW * timeS;
    known.set(key, energyJ);
    return energyJ;
  };
  const stragglerJ = (slowdown: number, cause: 'busy' | 'stall', timeS: number): number => {
    const ownJ = pipelineJ(timeS / slowdown, slowdown);
    return cause === 'busy' ? slowdown * ownJ : ownJ + waitingW * (timeS - timeS / slowdown);
  };
  return {
    method,
    ofJob: ({ pipelines, stragglers }, meetS) =>
      (pipelines - stragglers.length) * pipelineJ(meetS) +
      stragglers.reduce((sum, { slowdown, cause }) => sum + stragglerJ(slowdown, cause, meetS), 0),
  };
}

/**
 * A straggler computes more slowly and sends as fast as others: counted in its own slow time, its
 * lags are so many times as short. One object per slowdown.
 */
function slowerThanLags(lags: Lags | undefined): (slowdown: number) => Lags | undefined {
  const known = new Map<number, Lags>();
  return (slowdown) => {
    if (lags === undefined || slowdown === 1) return lags;
    const shorter = (values: ArrayLike<number>) => Array.from(values, (timeS) => timeS / slowdown);
    const slower = known.get(slowdown) ?? {
      ownStage: shorter(lags.ownStage),
      otherStage: shorter(lags.otherStage),
    };
    known.set(slowdown, slower);
    return slower;
  };
}
