import { compensatedSum } from '../../src/compensated-sum.js';
import { pathTimes } from '../../src/pipeline/critical-path.js';
import type { FrequencyPlan, PlanningProblem } from '../../src/planner/planner.js';
import type { OperationCosts, QuantisedOption } from '../../src/profile/operation-costs.js';
import { secondsFromTicks } from '../../src/units.js';
import type { PlanCosts, PlanFile } from './plan-file.js';

/** Times this near to a whole number of ticks, in ticks, are whole. */
const WHOLE_TICKS = 1e-4;

/** The time of an iteration that costs imply: those with waiting contain it, the others do not. */
export function timeOfCosts(
  { totalJ, withWaitingJ }: PlanCosts,
  { dag, blockingPowerW, unitTimeS }: PlanningProblem,
): number {
  const timeS = (withWaitingJ - totalJ) / (dag.stageCount * blockingPowerW);
  const ticks = Math.round(timeS / unitTimeS);
  return Math.abs(timeS / unitTimeS - ticks) <= WHOLE_TICKS
    ? secondsFromTicks(ticks, unitTimeS)
    : timeS;
}

/** Time and energy of a plan, as `FrequencyPlan` has them. */
type Promise = Pick<FrequencyPlan, 'plannedTimeS' | 'plannedEnergyJ'>;

/**
 * The time and energy that a file promises of its plan, if this job's cost model can have made that
 * promise for these clocks; undefined if it was made for another job, or none was. A planner's
 * durations lie between those of two clocks, so its promise is not that of the clocks themselves.
 *
 * @param ticks planned durations.
 */
export function promiseOf(
  file: PlanFile,
  problem: PlanningProblem,
  options: readonly QuantisedOption[],
  ticks: Int32Array | undefined,
): Promise | undefined {
  const plannedTimeS = file.timeS ?? (file.costs && timeOfCosts(file.costs, problem));
  const plannedEnergyJ =
    file.energyJ ?? (file.costs && file.costs.withWaitingJ * problem.gpusPerStage);
  if (plannedTimeS === undefined || plannedEnergyJ === undefined) return undefined;
  const promise = { plannedTimeS, plannedEnergyJ };
  return isPossible(promise, problem, options, ticks) ? promise : undefined;
}

/** Whether the cost model gives these clocks such a time and energy at durations that they suit. */
function isPossible(
  { plannedTimeS, plannedEnergyJ }: Promise,
  problem: PlanningProblem,
  options: readonly QuantisedOption[],
  ticks: Int32Array | undefined,
): boolean {
  const { dag, operations, unitTimeS, blockingPowerW, gpusPerStage, lags } = problem;
  const operationOf = (i: number) => operations[dag.operation[i]!]!;
  const low = ticks ?? Int32Array.from(options, ({ durationTicks }) => durationTicks);
  const high =
    ticks ?? Int32Array.from(options, (option, i) => longestTicks(operationOf(i), option));
  const exactS = Float64Array.from(options, ({ timeS }) => timeS);
  const timeTicks = plannedTimeS / unitTimeS;
  const mostTicks = Math.max(
    pathTimes(dag, high, lags?.ticks).length,
    pathTimes(dag, exactS, lags?.exactS).length / unitTimeS,
  );
  const isInTime =
    timeTicks >= pathTimes(dag, low, lags?.ticks).length - 1 && timeTicks <= mostTicks + 1;
  const tickJ = blockingPowerW * unitTimeS;
  const [least, most] = [compensatedSum(), compensatedSum()];
  options.forEach((option, i) => {
    const operation = operationOf(i);
    const measuredJ = option.energyJ - tickJ * option.durationTicks;
    least.add(Math.min(measuredJ - tickJ, costAt(operation, high[i]!)));
    most.add(Math.max(measuredJ + tickJ, costAt(operation, low[i]!)));
  });
  const effectiveJ = plannedEnergyJ / gpusPerStage - dag.stageCount * blockingPowerW * plannedTimeS;
  const roundingJ = 1e-9 * Math.abs(plannedEnergyJ);
  return (
    isInTime && effectiveJ >= least.value() - roundingJ && effectiveJ <= most.value() + roundingJ
  );
}

/** The longest duration for which a planner chooses this clock. */
function longestTicks({ options, maxTicks }: OperationCosts, option: QuantisedOption): number {
  const next = options.find(({ durationTicks }) => durationTicks > option.durationTicks);
  const longest = next === undefined ? maxTicks : next.durationTicks - 1;
  return Math.max(option.durationTicks, longest);
}

function costAt({ costJ, minTicks, maxTicks }: OperationCosts, ticks: number): number {
  return costJ[Math.min(Math.max(ticks, minTicks), maxTicks) - minTicks]!;
}
