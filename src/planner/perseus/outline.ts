import { secondsFromTicks } from '../../units.js';
import type { FrontierPoint, PlanningProblem } from '../planner.js';
import { pipelineEnergyJ } from '../planning-problem.js';
import { inChords } from './chords.js';
import { frontierSteps } from './frontier-steps.js';

/** The part of an operation's range of costs by which its chords may be above its curve. */
const TOLERANCE = 1e-3;

/**
 * The outline of a frontier, to draw it: points of plans that use little more energy than the
 * frontier's, in a tenth of the time that the frontier takes. The plans are optimal for costs in chords
 * (`inChords`); their energies are those of the costs themselves. GPT-3 175B, 8 stages × 96
 * microbatches: at most 0.02 % of the energy above the frontier, a thousandth of the height of its
 * drawing.
 *
 * @param most points of equal steps of time; there are up to twice as many, since long straight
 *   pieces have both ends.
 * @returns slowest first, from T* to T_min.
 */
export function frontierOutline(problem: PlanningProblem, most: number): FrontierPoint[] {
  const { operations, unitTimeS } = problem;
  const planned = operations.map((operation) => {
    const { costJ } = operation;
    return { ...operation, costJ: inChords(costJ, TOLERANCE * (costJ[0]! - costJ.at(-1)!)) };
  });
  const steps: { readonly ticks: number; readonly effectiveJ: number }[] = [];
  for (const step of frontierSteps({ ...problem, operations: planned }, operations)) {
    steps.push({ ticks: step.lengthTicks, effectiveJ: step.effectiveEnergyJ });
  }
  const gap = (steps[0]!.ticks - steps.at(-1)!.ticks) / most;
  let keptTicks = Infinity;
  return steps.flatMap(({ ticks, effectiveJ }, k) => {
    const next = steps[k + 1];
    if (next !== undefined && keptTicks - next.ticks <= gap) return [];
    keptTicks = ticks;
    const timeS = secondsFromTicks(ticks, unitTimeS);
    return [{ timeS, energyJ: pipelineEnergyJ(problem, effectiveJ, timeS) }];
  });
}
