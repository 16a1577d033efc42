import type { OperationCosts, QuantisedOption } from '../profile/operation-costs.js';
import type { PlanningProblem } from './planner.js';

/** Step between the power limits that Zeus tries (NSDI '23): 25 W. */
const LIMIT_STEP_W = 25;

/** Mean power of one GPU while it runs an option. */
function powerW({ energyJ, timeS }: QuantisedOption): number {
  return energyJ / timeS;
}

/**
 * The clock at a power limit: the highest clock with a power within the limit, or the lowest there
 * is. Hardware does the same, lowering the clock until the power fits.
 */
export function optionUnderLimit(operation: OperationCosts, limitW: number): QuantisedOption {
  const fastestFirst = [...operation.allOptions].sort((a, b) => b.frequencyMHz - a.frequencyMHz);
  return fastestFirst.find((option) => powerW(option) <= limitW) ?? fastestFirst.at(-1)!;
}

/**
 * Power limits worth trying: multiples of 25 W, from the first that limits nothing down to the last
 * that any operation can respect.
 */
export function powerLimits({ operations }: PlanningProblem): number[] {
  const powers = operations.flatMap((operation) => operation.allOptions.map(powerW));
  const highest = Math.ceil(powers.reduce((a, b) => Math.max(a, b)) / LIMIT_STEP_W) * LIMIT_STEP_W;
  const lowest = powers.reduce((a, b) => Math.min(a, b));
  const limits: number[] = [];
  for (let limitW = highest; limitW >= lowest || limits.length === 0; limitW -= LIMIT_STEP_W) {
    limits.push(limitW);
  }
  return limits;
}
