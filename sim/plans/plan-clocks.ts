import type { ComputationDag } from '../../src/pipeline/dag.js';
import type { FrequencyPlan, FrontierPoint, PlanningProblem } from '../../src/planner/planner.js';
import { INSTRUCTION_KINDS } from '../../src/profile/operation.js';
import { secondsFromTicks } from '../../src/units.js';
import type { ClockEntry, PipelineClocks } from './clock-lists.js';
import type { PlanCosts, PlanFile } from './plan-file.js';
import { timeOfCosts } from './promises.js';

/** The clocks of a plan, stage by stage in execution order. O(instructions). */
export function clocksOfPlan(
  { frequencyMHz }: Pick<FrequencyPlan, 'frequencyMHz'>,
  dag: ComputationDag,
): PipelineClocks {
  return ofStages(dag, (i): ClockEntry => ({
    kind: INSTRUCTION_KINDS[dag.kind[i]!]!,
    frequencyMHz: frequencyMHz[i]!,
  }));
}

/**
 * A plan as its file in Zeus' format says it, complete enough for the same plan to be read back:
 * what costs do not tell of its time and durations is in further comments.
 *
 * @param slower the next slower point of the frontier, for the cost of the step from there.
 */
export function zeusPlan(
  plan: FrequencyPlan,
  problem: PlanningProblem,
  index: number,
  slower?: FrontierPoint,
): Omit<PlanFile, 'source'> {
  const { dag, unitTimeS, lags } = problem;
  const point = { timeS: plan.plannedTimeS, energyJ: plan.plannedEnergyJ };
  const { totalJ, withWaitingJ } = costsOf(point, problem);
  const changeJ = slower === undefined ? undefined : totalJ - costsOf(slower, problem).totalJ;
  const costs = { totalJ, withWaitingJ, ...(changeJ === undefined ? {} : { changeJ }) };
  const isTold = timeOfCosts(costs, problem) === plan.plannedTimeS;
  return {
    clocks: clocksOfPlan(plan, dag),
    index,
    costs,
    ...(isTold ? {} : { timeS: plan.plannedTimeS }),
    // With transfers, the time of a straggler follows from the durations of its instructions.
    ...(lags === undefined
      ? {}
      : {
          durationsS: ofStages(dag, (i) => secondsFromTicks(plan.durationTicks[i]!, unitTimeS)),
        }),
  };
}

/** Costs of one GPU of each stage that give the energy back when multiplied by its GPUs. */
function costsOf({ timeS, energyJ }: FrontierPoint, problem: PlanningProblem): PlanCosts {
  const { dag, blockingPowerW, gpusPerStage } = problem;
  const withWaitingJ = quotient(energyJ, gpusPerStage);
  return { withWaitingJ, totalJ: withWaitingJ - dag.stageCount * blockingPowerW * timeS };
}

/** The number that gives a product exactly, if one does: a division is off by half a bit. */
function quotient(product: number, factor: number): number {
  const near = product / factor;
  const step = near * Number.EPSILON;
  const exact = [near, near - step, near + step].find((x) => x * factor === product);
  return exact ?? near;
}

function ofStages<T>({ stageCount, stageStart }: ComputationDag, of: (i: number) => T): T[][] {
  return Array.from({ length: stageCount }, (_, s) => {
    const begin = stageStart[s]!;
    return Array.from({ length: stageStart[s + 1]! - begin }, (_, k) => of(begin + k));
  });
}
