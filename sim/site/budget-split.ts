import { groupBy } from '../../src/groups.js';
import { between, type Mix, type SpeedCurve, type SpeedPoint } from './speed-curve.js';

/** A job that shares the power of a site. */
export interface SharingJob<P extends SpeedPoint> {
  readonly curve: SpeedCurve<P>;
  /** The worth of a unit of its speed. */
  readonly weight: number;
  /** Jobs of a lower number have what they can use before others have more than their floor. */
  readonly priority: number;
  /** It never runs slower. */
  readonly leastSpeed: number;
}

/** A budget shared among jobs. */
export interface BudgetSplit<P extends SpeedPoint> {
  /** In the order of the jobs; at most one of them beside its floor alternates between two points. */
  readonly shares: readonly Mix<P>[];
  readonly powerW: number;
  /** Σ weight · speed. */
  readonly worth: number;
  /** The worth of one more watt: the same for every job that could use it; 0 if none could. */
  readonly worthPerW: number;
}

/** A piece of a job's curve above its floor. */
interface Piece<P extends SpeedPoint> {
  readonly job: number;
  readonly slower: P;
  readonly faster: P;
  /** The part of it that lies below the floor. */
  readonly belowFloor: number;
  /** What all of it draws above the floor. */
  readonly moreW: number;
  readonly worthPerW: number;
}

/**
 * The split of a budget that maximises Σ weight · speed, priority by priority.
 *
 * Power is convex in speed, so this is a linear program over the pieces of the hulls, whose slopes rise
 * along each job: taking the pieces in order of worth per watt until the budget is spent is optimal, and
 * what each job has taken is always the beginning of its curve. At the end every job's last piece is worth
 * at least as much per watt as the one that broke the budget, and its next piece at most as much: equal
 * slopes. O(pieces · log pieces).
 *
 * @returns undefined if the floors alone draw more.
 */
export function splitBudget<P extends SpeedPoint>(
  jobs: readonly SharingJob<P>[],
  budgetW: number,
): BudgetSplit<P> | undefined {
  const shares = jobs.map(({ curve, leastSpeed }) => curve.at(leastSpeed));
  let restW = budgetW - floorsW(jobs);
  if (restW < -ROUNDING * budgetW) return undefined;
  const numbered = jobs.map((job, k) => ({ ...job, k }));
  const tiers = [...groupBy(numbered, ({ priority }) => priority)].sort(([a], [b]) => a - b);
  const pieces = tiers.flatMap(([, tier]) => piecesOf(tier));
  let worthPerW = 0;
  for (const piece of pieces) {
    const part = Math.max(0, Math.min(1, restW / piece.moreW));
    shares[piece.job] = taken(piece, part);
    restW -= part * piece.moreW;
    if (part === 1) continue;
    // The budget is spent: what rounding leaves of it must not begin another piece.
    worthPerW = piece.worthPerW;
    break;
  }
  return { ...totals(jobs, shares), shares, worthPerW };
}

/** Relative: sums of the same powers in two orders differ by less. */
const ROUNDING = 1e-12;

/** The power that jobs draw at their floors. */
export function floorsW<P extends SpeedPoint>(jobs: readonly SharingJob<P>[]): number {
  return jobs.reduce((sum, { curve, leastSpeed }) => sum + curve.at(leastSpeed).powerW, 0);
}

/** Power and worth of shares. */
export function totals<P extends SpeedPoint>(
  jobs: readonly SharingJob<P>[],
  shares: readonly SpeedPoint[],
): { readonly powerW: number; readonly worth: number } {
  return {
    powerW: shares.reduce((sum, { powerW }) => sum + powerW, 0),
    worth: shares.reduce((sum, { speed }, k) => sum + jobs[k]!.weight * speed, 0),
  };
}

/** The share of a job of which a part of a piece is the last that it takes. */
function taken<P extends SpeedPoint>(
  { slower, faster, belowFloor }: Piece<P>,
  part: number,
): Mix<P> {
  return between(slower, faster, belowFloor + part * (1 - belowFloor));
}

/** Pieces of curves above their jobs' floors, the worthiest first. */
function piecesOf<P extends SpeedPoint>(
  tier: readonly (SharingJob<P> & { readonly k: number })[],
): Piece<P>[] {
  const all = tier.flatMap(({ curve, weight, leastSpeed, k }) => {
    const { vertices } = curve;
    const floor = curve.at(leastSpeed);
    let worthPerW = Infinity;
    return vertices.slice(1).flatMap((faster, n): Piece<P>[] => {
      const slower = vertices[n]!;
      const edgeW = faster.powerW - slower.powerW;
      // Slopes that differ in their last digit must not change the order of a job's pieces.
      worthPerW = Math.min(worthPerW, (weight * (faster.speed - slower.speed)) / edgeW);
      if (faster.speed <= floor.speed) return [];
      const belowFloor = slower === floor.slower ? floor.fasterPart : 0;
      const moreW = (1 - belowFloor) * edgeW;
      return [{ job: k, slower, faster, belowFloor, moreW, worthPerW }];
    });
  });
  // Stable: pieces of one job stay in their order.
  return all.sort((a, b) => b.worthPerW - a.worthPerW);
}
