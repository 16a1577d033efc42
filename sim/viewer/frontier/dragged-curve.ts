import type { FrontierPoint } from '../../../src/planner/planner.js';
import type { ShownFrontier } from '../shown-run.js';

/** The frontier on which a deadline is dragged. */
export interface DraggedCurve {
  readonly policy: string;
  /** Fastest first: each takes longer than the one before. */
  readonly points: readonly FrontierPoint[];
  /** The point that pipelines run. */
  readonly chosen: FrontierPoint;
  /** The plan of the highest clocks, with which points are compared. */
  readonly highest: FrontierPoint;
  /** The straggler's time: nobody gains by being earlier. */
  readonly stragglerTimeS: number | undefined;
}

/** The curve of the last policy that has one; undefined if none has. */
export function draggedCurve({
  policies,
  stragglerTimeS,
}: ShownFrontier): DraggedCurve | undefined {
  const last = policies.findLast(({ points }) => points.length > 1);
  if (last === undefined) return undefined;
  const { policy, points, chosen } = last;
  return { policy, points, chosen, highest: policies[0]!.chosen, stragglerTimeS };
}

/** The point of least energy, T*; with more time, waiting takes more than slower clocks save. */
export function leastEnergy({ points }: Pick<DraggedCurve, 'points'>): FrontierPoint {
  return points.reduce((best, point) => (point.energyJ < best.energyJ ? point : best));
}

/** The index of the slowest point that keeps a deadline; the fastest one if none does. O(log points). */
export function pointAt({ points }: Pick<DraggedCurve, 'points'>, deadlineS: number): number {
  const latestS = deadlineS * (1 + 1e-9);
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle]!.timeS <= latestS) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

/** The part of the energy of the highest clocks that a point saves, in per cent. */
export function savedPct({ highest }: DraggedCurve, { energyJ }: FrontierPoint): number {
  return 100 * (1 - energyJ / highest.energyJ);
}
