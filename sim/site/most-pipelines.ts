import { least } from '../../src/extremes.js';
import type { PipelinePoint } from './pipeline-points.js';
import { siteW } from '../run/surroundings.js';
import { iterationOf, type PowerBudget } from './power-budget.js';

/** Pipelines that differ only in their plan, and the power that there is for them. */
export interface Fleet {
  /** By rising time (`byTime`), at least one. */
  readonly points: readonly PipelinePoint[];
  readonly gpusPerPipeline: number;
  /** The time in which a number of pipelines add up their gradients. */
  readonly reductionS: (pipelines: number) => number;
  readonly budget: PowerBudget;
}

/** A number of pipelines, and the fastest point that the power allows them. */
export interface FleetChoice {
  readonly pipelines: number;
  readonly point: PipelinePoint;
  /** Of an iteration, the reduction of gradients included. */
  readonly timeS: number;
}

/** The rule by which pipelines fit into the power of a site. */
export interface PipelineSearch {
  /** The fastest point that fits, of those that take less than a time; undefined if none does. */
  fastest(pipelines: number, belowS?: number): FleetChoice | undefined;
  /** No more pipelines than this fit, whatever they run. */
  mostPipelines(): number;
}

/** More pipelines than a scenario can have. */
const MOST_PIPELINES = 1_000_000;

/** Relative: sums of the same powers in two orders differ by less. */
const ROUNDING = 1e-12;

/** Points are looked at in blocks, of which most are known to draw too much. */
const BLOCK = 64;

/** Neighbouring points, and what none of them is below or above. */
interface Block {
  readonly from: number;
  readonly leastJ: number;
  readonly leastReducingW: number;
  readonly slowestS: number;
}

/**
 * Pipelines fit by their mean power over an iteration.
 *
 * Of n pipelines, each may draw B / n, so a point fits if e + w·a ≤ (B / (n · PUE) − overhead) · (t +
 * a), for a reduction of gradients of a seconds at w watts. No order among energies is assumed: simulated
 * frontiers are convex only up to the steps of clocks. A block can only hold such a point if its least
 * energy and least power would fit into its longest time; other blocks are passed over. O(points / 64)
 * and a few blocks for one number.
 */
export class SearchByMean implements PipelineSearch {
  private readonly blocks: readonly Block[];

  constructor(private readonly fleet: Fleet) {
    const { points } = fleet;
    this.blocks = Array.from({ length: Math.ceil(points.length / BLOCK) }, (_, b) => {
      const inside = points.slice(b * BLOCK, (b + 1) * BLOCK);
      return {
        from: b * BLOCK,
        leastJ: least(inside.map(({ energyJ }) => energyJ)),
        leastReducingW: least(inside.map(({ reducingW }) => reducingW)),
        slowestS: inside.at(-1)!.timeS,
      };
    });
  }

  fastest(pipelines: number, belowS = Infinity): FleetChoice | undefined {
    const { points, reductionS, gpusPerPipeline, budget } = this.fleet;
    const { budgetW, pue, overheadWPerGpu } = budget;
    const afterS = reductionS(pipelines);
    const nodesW = (budgetW / (pipelines * pue)) * (1 + ROUNDING);
    const eachW = nodesW - overheadWPerGpu * gpusPerPipeline;
    const fits = (energyJ: number, reducingW: number, timeS: number) =>
      energyJ + reducingW * afterS <= eachW * (timeS + afterS);
    for (const { from, leastJ, leastReducingW, slowestS } of this.blocks) {
      if (points[from]!.timeS + afterS >= belowS) return undefined;
      if (!fits(leastJ, leastReducingW, slowestS)) continue;
      for (let k = from; k < Math.min(from + BLOCK, points.length); k++) {
        const point = points[k]!;
        const timeS = point.timeS + afterS;
        if (timeS >= belowS) return undefined;
        if (fits(point.energyJ, point.reducingW, point.timeS)) return { pipelines, point, timeS };
      }
    }
    return undefined;
  }

  mostPipelines(): number {
    const { points, gpusPerPipeline, budget } = this.fleet;
    // While it reduces gradients a pipeline draws another power: the mean lies between the two.
    const leastW = least(points.map((p) => Math.min(p.energyJ / p.timeS, p.reducingW)));
    return mostOf(budget.budgetW, siteW(budget, gpusPerPipeline, leastW));
  }
}

/** Pipelines fit by the power limit of their GPUs: none ever draws more, and few draw as much. */
export class SearchByLimit implements PipelineSearch {
  /** @param fleet with points that all have a limit. */
  constructor(private readonly fleet: Fleet) {}

  fastest(pipelines: number, belowS = Infinity): FleetChoice | undefined {
    const { points, reductionS, budget } = this.fleet;
    const mostW = budget.budgetW * (1 + ROUNDING);
    const point = points.find((each) => pipelines * this.provisionedW(each) <= mostW);
    if (point === undefined) return undefined;
    const timeS = point.timeS + reductionS(pipelines);
    return timeS >= belowS ? undefined : { pipelines, point, timeS };
  }

  mostPipelines(): number {
    const { points, budget } = this.fleet;
    return mostOf(budget.budgetW, least(points.map((point) => this.provisionedW(point))));
  }

  /** The power set aside for one pipeline. */
  private provisionedW({ limitW }: PipelinePoint): number {
    const { budget, gpusPerPipeline } = this.fleet;
    return siteW(budget, gpusPerPipeline, limitW! * gpusPerPipeline);
  }
}

function mostOf(budgetW: number, eachW: number): number {
  return Math.min(MOST_PIPELINES, Math.floor((budgetW * (1 + ROUNDING)) / eachW));
}

/** The numbers of pipelines that may be chosen. */
export interface PipelineCounts {
  /** Pipelines that there are GPUs for. */
  readonly atMost?: number;
  /** Only multiples of this. */
  readonly step?: number;
}

/**
 * The number of pipelines that does the most iterations of a pipeline per second, each at the fastest
 * point that the power allows. Every number is tried, or known to do no more: n pipelines need less
 * than n / (the most so far) seconds. Of equal ones the fewest pipelines. O(pipelines · points / 64)
 * at worst.
 *
 * @returns undefined if not even the fewest pipelines fit.
 */
export function mostWork(
  fleet: Fleet,
  search: PipelineSearch,
  { atMost = Infinity, step = 1 }: PipelineCounts = {},
): FleetChoice | undefined {
  const fastestS = fleet.points[0]!.timeS;
  const last = Math.min(search.mostPipelines(), atMost);
  let best: FleetChoice | undefined;
  for (let pipelines = step; pipelines <= last; pipelines += step) {
    const belowS = best === undefined ? Infinity : (pipelines / best.pipelines) * best.timeS;
    if (fastestS + fleet.reductionS(pipelines) >= belowS) continue;
    best = search.fastest(pipelines, belowS) ?? best;
  }
  return best;
}

/** The power of the site that a choice draws, mean over an iteration. */
export function choiceW({ gpusPerPipeline, budget }: Fleet, choice: FleetChoice): number {
  const { pipelines, point, timeS } = choice;
  const { pipelineJ } = iterationOf(point, timeS - point.timeS);
  return siteW(budget, pipelines * gpusPerPipeline, (pipelines * pipelineJ) / timeS);
}
