import type { ComputationDag } from '../../src/pipeline/dag.js';
import {
  isOracleFeasible,
  loadOracle,
  type CostVertices,
  type OracleProblem,
} from '../../src/planner/oracle.js';
import type { PlanningProblem, PlanningProgress, Plans } from '../../src/planner/planner.js';
import { planningProblem } from '../../src/planner/planning-problem.js';
import { perseus } from '../../src/planner/perseus/perseus.js';
import { lowerHull } from '../../src/profile/cost-model.js';
import type { OperationCosts } from '../../src/profile/operation-costs.js';
import type { StageProfile } from '../../src/profile/stage-profile.js';
import type { Scenario } from './scenario-schema.js';

/** The least energy that an iteration time needs, on the hull of the options: no plan uses less. */
export interface EnergyBound {
  /** `lp`: linear program in exact times; `hull-frontier`: minimum cuts in whole ticks. */
  readonly method: 'lp' | 'hull-frontier';
  /** One iteration of a whole job with the scenario's stragglers. */
  ofJob(scenario: Pick<Scenario, 'pipelines' | 'stragglers'>, jobTimeS: number): number;
}

/**
 * The bound for a pipeline. Small cases by linear programming; large ones by the exact frontier on
 * the same hull, whose durations are whole ticks rounded down, so that it stays a bound and is
 * below the linear program's by no more than the rounding.
 */
export async function energyBound(
  dag: ComputationDag,
  profile: StageProfile,
  problem: PlanningProblem,
  onProgress?: PlanningProgress,
): Promise<EnergyBound> {
  const oracleProblem: OracleProblem = {
    dag,
    costs: problem.operations.map((operation) => hullVertices(operation, problem.blockingPowerW)),
  };
  if (isOracleFeasible(oracleProblem)) {
    const oracle = await loadOracle();
    return jobBound('lp', problem, (timeS) => {
      const optimum = oracle.optimum(oracleProblem, timeS);
      if (optimum === undefined) throw new Error(`no schedule finishes within ${timeS} s`);
      return optimum.costJ;
    });
  }
  const onHull = planningProblem(dag, profile, { ...problem, costModel: 'hull' });
  const plans = perseus.plan(onHull, onProgress);
  const waitingW = dag.stageCount * problem.blockingPowerW * problem.gpusPerStage;
  return jobBound('hull-frontier', problem, (timeS) => {
    const { energyJ, timeS: lengthS } = frontierPointAt(plans, problem.unitTimeS, timeS);
    return (energyJ - waitingW * lengthS) / problem.gpusPerStage;
  });
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
 * @param effectiveJ least Σ c(d) of one GPU of each stage within a time.
 */
function jobBound(
  method: EnergyBound['method'],
  { dag, blockingPowerW, gpusPerStage }: PlanningProblem,
  effectiveJ: (timeS: number) => number,
): EnergyBound {
  const waitingW = dag.stageCount * blockingPowerW * gpusPerStage;
  const known = new Map<number, number>();
  const pipelineJ = (timeS: number): number => {
    // A schedule that takes exactly this long exists: rounding must not make the time infeasible.
    const withinS = timeS * (1 + 1e-12);
    const energyJ = known.get(timeS) ?? gpusPerStage * effectiveJ(withinS) + waitingW * timeS;
    known.set(timeS, energyJ);
    return energyJ;
  };
  const stragglerJ = (slowdown: number, cause: 'busy' | 'stall', timeS: number): number =>
    cause === 'busy'
      ? slowdown * pipelineJ(timeS / slowdown)
      : pipelineJ(timeS / slowdown) + waitingW * (timeS - timeS / slowdown);
  return {
    method,
    ofJob: ({ pipelines, stragglers }, jobTimeS) =>
      (pipelines - stragglers.length) * pipelineJ(jobTimeS) +
      stragglers.reduce(
        (sum, { slowdown, cause }) => sum + stragglerJ(slowdown, cause, jobTimeS),
        0,
      ),
  };
}
