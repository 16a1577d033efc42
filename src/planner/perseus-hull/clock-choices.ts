import { lowerHull, staircase, type Point } from '../../lower-left.js';
import type { OperationCosts, QuantisedOption } from '../../profile/operation-costs.js';

/**
 * The clocks worth running an operation at once the iteration's time is given: no other clock is as
 * fast and uses less energy above waiting. Fastest first.
 */
export interface ClockChoices {
  readonly options: readonly QuantisedOption[];
  /** Real, not whole ticks; strictly rising. */
  readonly timeS: Float64Array;
  /** Energy − P_blocking · time; strictly falling. */
  readonly effectiveJ: Float64Array;
}

/**
 * The choices of an operation. At a given iteration time, a GPU that is not computing is waiting; a
 * slower clock may use more energy by itself and still less of it above waiting.
 */
export function clockChoices({ allOptions }: OperationCosts, blockingPowerW: number): ClockChoices {
  const effective = ({ energyJ, timeS }: QuantisedOption) => energyJ - blockingPowerW * timeS;
  const options = staircase(allOptions, ({ timeS }) => timeS, effective);
  return {
    options,
    timeS: Float64Array.from(options, ({ timeS }) => timeS),
    effectiveJ: Float64Array.from(options, effective),
  };
}

/**
 * The choices as costs over whole ticks: their lower convex hull. Times are rounded to the nearest
 * tick; the final choice of clocks, in exact times, corrects the rounding.
 */
export function hullCosts(
  operation: OperationCosts,
  { options, timeS, effectiveJ }: ClockChoices,
  unitTimeS: number,
): OperationCosts {
  const ticksOf = (k: number) => Math.max(1, Math.round(timeS[k]! / unitTimeS));
  const byTick = new Map<number, number>();
  // If two round to the same tick, the slower, cheaper one represents both.
  options.forEach((_, k) => byTick.set(ticksOf(k), effectiveJ[k]!));
  const points = [...byTick].map(([ticks, costJ]) => ({ x: ticks, y: costJ }));
  const minTicks = points[0]!.x;
  const maxTicks = points.at(-1)!.x;
  return {
    ...operation,
    options: options.map((option, k) => ({ ...option, durationTicks: ticksOf(k) })),
    minTicks,
    maxTicks,
    costJ: tabulate(lowerHull(points), minTicks, maxTicks),
  };
}

function tabulate(hull: readonly Point[], minTicks: number, maxTicks: number): Float64Array {
  const table = new Float64Array(maxTicks - minTicks + 1);
  table[0] = hull[0]!.y;
  for (let v = 1; v < hull.length; v++) {
    const left = hull[v - 1]!;
    const right = hull[v]!;
    const slope = (right.y - left.y) / (right.x - left.x);
    for (let d = left.x + 1; d <= right.x; d++) {
      table[d - minTicks] = left.y + slope * (d - left.x);
    }
  }
  return table;
}
