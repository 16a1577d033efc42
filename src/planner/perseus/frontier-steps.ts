import { compensatedSum } from '../../compensated-sum.js';
import type { PlanningProblem } from '../planner.js';
import { MinCutWalk } from './min-cut-walk.js';
import type { FrontierStep } from './step-log.js';

/**
 * Solves a planning problem step by step, slowest first: the starting point T*, then a step for
 * every tick (or several ticks at once where the cost is linear) down to T_min. The caller may stop
 * at any time. See `MinCutWalk` for the algorithm and its cost.
 *
 * @param operations the costs that energies are counted with, over the same ticks; those that are
 *   planned with if left out.
 */
export function* frontierSteps(
  problem: PlanningProblem,
  operations = problem.operations,
): Generator<FrontierStep, void> {
  const walk = new MinCutWalk(problem);
  const { dag } = problem;
  const energy = compensatedSum();
  for (let i = 0; i < dag.instructionCount; i++) {
    energy.add(operations[dag.operation[i]!]!.costJ.at(-1)!);
  }
  do {
    const changed = walk.changed.subarray(0, walk.changedCount);
    for (const change of changed) {
      const { costJ, minTicks } = operations[dag.operation[change >> 1]!]!;
      const at = walk.durationTicks[change >> 1]! - minTicks;
      const before = (change & 1) === 1 ? at - walk.stepTicks : at + walk.stepTicks;
      // One by one: their difference would be rounded.
      energy.add(costJ[at]!);
      energy.add(-costJ[before]!);
    }
    yield {
      lengthTicks: walk.lengthTicks,
      stepTicks: walk.stepTicks,
      effectiveEnergyJ: energy.value(),
      changed,
    };
  } while (walk.advance());
}
