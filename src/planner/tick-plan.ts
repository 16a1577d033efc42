import { compensatedSum } from '../compensated-sum.js';
import { clockFor } from '../profile/operation-costs.js';
import { secondsFromTicks } from '../units.js';
import type { FrequencyPlan, PlanningProblem } from './planner.js';
import { pipelineEnergyJ } from './planning-problem.js';

/**
 * The plan of these durations: each becomes the slowest clock that fits it. Its energy is summed over
 * the durations, so that it does not depend on how they were found.
 *
 * @param planner the name that the plan carries.
 * @param lengthTicks of an iteration.
 */
export function planOfTicks(
  planner: string,
  problem: PlanningProblem,
  durationTicks: Int32Array,
  lengthTicks: number,
): FrequencyPlan {
  const { dag, operations, unitTimeS } = problem;
  const plannedTimeS = secondsFromTicks(lengthTicks, unitTimeS);
  const energy = compensatedSum();
  durationTicks.forEach((ticks, i) => {
    const { costJ, minTicks } = operations[dag.operation[i]!]!;
    energy.add(costJ[ticks - minTicks]!);
  });
  return {
    planner,
    plannedTimeS,
    plannedEnergyJ: pipelineEnergyJ(problem, energy.value(), plannedTimeS),
    durationTicks,
    frequencyMHz: Float64Array.from(
      durationTicks,
      (ticks, i) => clockFor(operations[dag.operation[i]!]!, ticks).frequencyMHz,
    ),
  };
}
