import type { Lags } from '../pipeline/critical-path.js';
import type { ComputationDag } from '../pipeline/dag.js';
import type { CostModelName } from '../profile/cost-model.js';
import type { Derivation } from '../profile/operation.js';
import { profileCosts } from '../profile/operation-costs.js';
import type { StageProfile } from '../profile/stage-profile.js';
import type { PlanningLags, PlanningProblem } from './planner.js';

/** The inputs of a planning problem besides the profile and the DAG. */
export interface PlanningSettings {
  readonly unitTimeS: number;
  readonly blockingPowerW: number;
  readonly gpusPerStage: number;
  readonly costModel?: CostModelName;
  /**
   * In seconds: the time that stages spend besides computing, and the time that outputs are under
   * way.
   */
  readonly lagS?: Lags | undefined;
  /** Rules that derive the kinds that are not profiled from those that are. */
  readonly derivation?: Derivation | undefined;
}

/**
 * The planning problem of a profile on a pipeline. The profile has one stage per model stage.
 * @throws InputError if the unit time is too coarse for the profile.
 */
export function planningProblem(
  dag: ComputationDag,
  profile: StageProfile,
  settings: PlanningSettings,
): PlanningProblem {
  const { unitTimeS, blockingPowerW, gpusPerStage, lagS } = settings;
  const { costModel = 'exponential', derivation } = settings;
  return {
    dag,
    operations: profileCosts(profile, dag.operations, {
      unitTimeS,
      blockingPowerW,
      costModel,
      ...(derivation === undefined ? {} : { derivation }),
    }),
    unitTimeS,
    blockingPowerW,
    gpusPerStage,
    ...(lagS === undefined ? {} : { lags: planningLags(lagS, unitTimeS) }),
  };
}

/**
 * Lags for a problem of this unit time. A transfer of days has more ticks than fit into 32 bits, so
 * ticks are whole numbers in doubles, as are all sums of ticks along a path.
 *
 * @param ticksOf rounds seconds to ticks; default: to the nearest.
 */
export function planningLags(
  exactS: Lags,
  unitTimeS: number,
  ticksOf = (timeS: number, tickS: number) => Math.round(timeS / tickS),
): PlanningLags {
  const ticks = (lagS: ArrayLike<number>) =>
    Float64Array.from(lagS, (timeS) => ticksOf(timeS, unitTimeS));
  return {
    exactS,
    ticks: { ownStage: ticks(exactS.ownStage), otherStage: ticks(exactS.otherStage) },
  };
}

/** Power of all GPUs of a pipeline while they wait. */
export function pipelineWaitingW({
  dag,
  gpusPerStage,
  blockingPowerW,
}: Pick<PlanningProblem, 'dag' | 'gpusPerStage' | 'blockingPowerW'>): number {
  return dag.stageCount * gpusPerStage * blockingPowerW;
}

/**
 * Energy of all GPUs of a pipeline.
 * @param effectiveJ Σ (energy − P_blocking · time) of its instructions, on one GPU of each stage.
 * @param timeS of the iteration.
 */
export function pipelineEnergyJ(
  { dag, gpusPerStage, blockingPowerW }: PlanningProblem,
  effectiveJ: number,
  timeS: number,
): number {
  return gpusPerStage * (effectiveJ + dag.stageCount * blockingPowerW * timeS);
}
