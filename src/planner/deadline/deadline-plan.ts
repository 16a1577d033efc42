import { compensatedSum } from '../../compensated-sum.js';
import { InfeasibleDeadlineError } from '../../errors.js';
import { pathTimes } from '../../pipeline/critical-path.js';
import { clockFor } from '../../profile/operation-costs.js';
import { secondsFromTicks, ticksFromSeconds } from '../../units.js';
import type { FrequencyPlan, PlanningProblem } from '../planner.js';
import { pipelineEnergyJ } from '../planning-problem.js';
import { leastCostDurations } from './least-cost.js';

/**
 * The plan of `perseus` for one deadline alone, without its frontier: the same clocks, and the same
 * energy up to the order in which it is summed.
 *
 * @throws InfeasibleDeadlineError if even the fastest plan is slower.
 */
export function perseusPlanAt(problem: PlanningProblem, deadlineS: number): FrequencyPlan {
  const fastestTicks = fastestLength(problem);
  const ticks = ticksFromSeconds(deadlineS, problem.unitTimeS);
  if (!(ticks >= fastestTicks)) {
    throw new InfeasibleDeadlineError(deadlineS, secondsFromTicks(fastestTicks, problem.unitTimeS));
  }
  return planWithin(problem, ticks);
}

/**
 * The plan of `perseus` for a straggler that is this many times slower than the fastest plan,
 * without its frontier.
 */
export function perseusPlanForStraggler(problem: PlanningProblem, slowdown: number): FrequencyPlan {
  const fastestTicks = fastestLength(problem);
  const { unitTimeS } = problem;
  const ticks = ticksFromSeconds(slowdown * secondsFromTicks(fastestTicks, unitTimeS), unitTimeS);
  return planWithin(problem, Math.max(ticks, fastestTicks));
}

/** T_min, in ticks. */
function fastestLength({ dag, operations, lags }: PlanningProblem): number {
  const fastest = Float64Array.from(dag.operation, (op) => operations[op]!.minTicks);
  return pathTimes(dag, fastest, lags?.ticks).length;
}

function planWithin(problem: PlanningProblem, deadlineTicks: number): FrequencyPlan {
  const { dag, operations, lags, unitTimeS } = problem;
  const costs = operations.map(({ costJ, minTicks }) =>
    Array.from(costJ, (cost, k) => ({ duration: minTicks + k, costJ: cost })),
  );
  const found = leastCostDurations({ dag, costs, lags: lags?.ticks }, deadlineTicks);
  const durationTicks = Int32Array.from(found!);
  const slowestTicks = pathTimes(
    dag,
    Float64Array.from(dag.operation, (op) => operations[op]!.maxTicks),
    lags?.ticks,
  ).length;
  const plannedTimeS = secondsFromTicks(Math.min(deadlineTicks, slowestTicks), unitTimeS);
  const energy = compensatedSum();
  durationTicks.forEach((ticks, i) => {
    const { costJ, minTicks } = operations[dag.operation[i]!]!;
    energy.add(costJ[ticks - minTicks]!);
  });
  return {
    planner: 'perseus',
    plannedTimeS,
    plannedEnergyJ: pipelineEnergyJ(problem, energy.value(), plannedTimeS),
    durationTicks,
    frequencyMHz: Float64Array.from(
      durationTicks,
      (ticks, i) => clockFor(operations[dag.operation[i]!]!, ticks).frequencyMHz,
    ),
  };
}
