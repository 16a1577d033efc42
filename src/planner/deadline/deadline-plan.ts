import { InfeasibleDeadlineError } from '../../errors.js';
import { pathTimes } from '../../pipeline/critical-path.js';
import { secondsFromTicks, ticksFromSeconds } from '../../units.js';
import type { FrequencyPlan, PlanningProblem } from '../planner.js';
import { planOfTicks } from '../tick-plan.js';
import { leastCostDurations } from './least-cost.js';

/**
 * The plan of `perseus` for one deadline alone, without its frontier: the same clocks and the same
 * energy.
 *
 * @throws InfeasibleDeadlineError if even the fastest plan is slower.
 */
export function perseusPlanAt(problem: PlanningProblem, deadlineS: number): FrequencyPlan {
  const { fastestTicks } = lengthRange(problem);
  const ticks = ticksFromSeconds(deadlineS, problem.unitTimeS);
  if (!(ticks >= fastestTicks)) {
    throw new InfeasibleDeadlineError(deadlineS, secondsFromTicks(fastestTicks, problem.unitTimeS));
  }
  return perseusPlanWithin(problem, ticks);
}

/**
 * The plan of `perseus` for a straggler that is this many times slower than the fastest plan,
 * without its frontier.
 */
export function perseusPlanForStraggler(problem: PlanningProblem, slowdown: number): FrequencyPlan {
  const { fastestTicks } = lengthRange(problem);
  const { unitTimeS } = problem;
  const ticks = ticksFromSeconds(slowdown * secondsFromTicks(fastestTicks, unitTimeS), unitTimeS);
  return perseusPlanWithin(problem, Math.max(ticks, fastestTicks));
}

/** T_min and T*, in ticks. O(instructions + dependencies). */
export function lengthRange({ dag, operations, lags }: PlanningProblem): {
  readonly fastestTicks: number;
  readonly slowestTicks: number;
} {
  const lengthAt = (end: 'minTicks' | 'maxTicks') =>
    pathTimes(
      dag,
      Float64Array.from(dag.operation, (op) => operations[op]![end]),
      lags?.ticks,
    ).length;
  return { fastestTicks: lengthAt('minTicks'), slowestTicks: lengthAt('maxTicks') };
}

/**
 * The plan of `perseus` within this many ticks.
 * @param deadlineTicks none below T_min.
 */
export function perseusPlanWithin(problem: PlanningProblem, deadlineTicks: number): FrequencyPlan {
  const { dag, operations, lags } = problem;
  const costs = operations.map(({ costJ, minTicks }) =>
    Array.from(costJ, (cost, k) => ({ duration: minTicks + k, costJ: cost })),
  );
  const found = leastCostDurations({ dag, costs, lags: lags?.ticks }, deadlineTicks);
  const durationTicks = Int32Array.from(found!);
  const { slowestTicks } = lengthRange(problem);
  return planOfTicks('perseus', problem, durationTicks, Math.min(deadlineTicks, slowestTicks));
}
