import { least, most } from '../extremes.js';
/** Layers cut into stages, each of consecutive layers. */
export interface Partition {
  /** Number of layers of each stage. */
  readonly layerCounts: readonly number[];
  /** Per stage, the sum of its layers' costs. */
  readonly stageCosts: readonly number[];
  /** Slowest stage over fastest stage (Perseus, SOSP '24, section 2). */
  readonly imbalanceRatio: number;
}

/**
 * The partition with given numbers of layers per stage.
 * @throws RangeError if they do not add up to all layers.
 */
export function partitionOf(costs: readonly number[], layerCounts: readonly number[]): Partition {
  const layers = layerCounts.reduce((sum, count) => sum + count, 0);
  if (layers !== costs.length) {
    throw new RangeError(`the stages hold ${layers} layers, the model has ${costs.length}`);
  }
  let first = 0;
  const stageCosts = layerCounts.map((count) => {
    const ofStage = costs.slice(first, first + count);
    first += count;
    return ofStage.reduce((sum, cost) => sum + cost, 0);
  });
  const imbalanceRatio = most(stageCosts) / least(stageCosts);
  return { layerCounts: [...layerCounts], stageCosts, imbalanceRatio };
}

/** Layers spread as evenly as possible; the first stages hold one more if there is a remainder. */
export function evenCounts(layerCount: number, stageCount: number): number[] {
  return Array.from({ length: stageCount }, (_, s) => Math.ceil((layerCount - s) / stageCount));
}

/**
 * The partition with the fastest slowest stage; among equals, the one with the slowest fastest
 * stage. O(stages · layers²).
 *
 * @throws RangeError if there are fewer layers than stages, or a cost is not above 0.
 */
export function minimumBottleneck(costs: readonly number[], stageCount: number): Partition {
  checkLayers(costs, stageCount);
  const bottleneck = cutAbove(costs, stageCount, 0)!;
  let best = bottleneck;
  for (const floor of stageSums(costs, stageCount)) {
    if (floor <= best.lightest) continue;
    const found = cutAbove(costs, stageCount, floor);
    if (found === undefined || found.heaviest > bottleneck.heaviest * (1 + ROUNDING)) break;
    best = found;
  }
  return partitionOf(costs, best.layerCounts);
}

/**
 * The partition with the least imbalance ratio; among equals, the one with the fastest slowest
 * stage. Exact: tries every cost that the fastest stage might have, and finds the fastest slowest
 * stage above it. O(stages · layers² · distinct costs of a stage), less the floors that cannot
 * improve the result.
 *
 * @throws RangeError if there are fewer layers than stages, or a cost is not above 0.
 */
export function minimumImbalance(costs: readonly number[], stageCount: number): Partition {
  checkLayers(costs, stageCount);
  let best = cutAbove(costs, stageCount, 0)!;
  const ratio = ({ heaviest, lightest }: Cut) => heaviest / lightest;
  for (const floor of stageSums(costs, stageCount)) {
    // The cut found for a lower floor already respects this one.
    if (floor <= best.lightest) continue;
    const found = cutAbove(costs, stageCount, floor);
    if (found === undefined) break;
    if (ratio(found) < ratio(best) * (1 - ROUNDING)) best = found;
  }
  return partitionOf(costs, best.layerCounts);
}

/** Sums of the same costs in different orders differ in the last bits. */
const ROUNDING = 1e-12;

interface Cut {
  readonly layerCounts: readonly number[];
  readonly heaviest: number;
  readonly lightest: number;
}

/**
 * The cut with the lightest heaviest stage among those with no stage below a floor; undefined if
 * there is none.
 */
function cutAbove(costs: readonly number[], stageCount: number, floor: number): Cut | undefined {
  const n = costs.length;
  const upTo = prefixSums(costs);
  /** heaviest[s][k]: the heaviest stage of the best cut of the first k layers into s stages. */
  const heaviest = Array.from({ length: stageCount + 1 }, () =>
    new Float64Array(n + 1).fill(Infinity),
  );
  const lastFrom = Array.from({ length: stageCount + 1 }, () => new Int32Array(n + 1));
  heaviest[0]![0] = 0;
  for (let s = 1; s <= stageCount; s++) {
    for (let k = s; k <= n; k++) {
      for (let from = s - 1; from < k; from++) {
        const stage = upTo[k]! - upTo[from]!;
        if (stage < floor * (1 - ROUNDING)) break;
        const worst = Math.max(heaviest[s - 1]![from]!, stage);
        if (worst >= heaviest[s]![k]!) continue;
        heaviest[s]![k] = worst;
        lastFrom[s]![k] = from;
      }
    }
  }
  if (heaviest[stageCount]![n] === Infinity) return undefined;
  const layerCounts: number[] = [];
  for (let s = stageCount, k = n; s > 0; s--) {
    const from = lastFrom[s]![k]!;
    layerCounts.unshift(k - from);
    k = from;
  }
  const { stageCosts } = partitionOf(costs, layerCounts);
  return { layerCounts, heaviest: most(stageCosts), lightest: least(stageCosts) };
}

/** Every cost, rising, that a stage can have and that is not too high for the fastest stage. */
function stageSums(costs: readonly number[], stageCount: number): number[] {
  const upTo = prefixSums(costs);
  const mean = upTo.at(-1)! / stageCount;
  const sums = new Set<number>();
  for (let from = 0; from < costs.length; from++) {
    for (let k = from + 1; k <= costs.length; k++) {
      const sum = upTo[k]! - upTo[from]!;
      if (sum <= mean * (1 + ROUNDING)) sums.add(sum);
    }
  }
  return [...sums].sort((a, b) => a - b);
}

function prefixSums(costs: readonly number[]): number[] {
  const sums = [0];
  for (const cost of costs) sums.push(sums.at(-1)! + cost);
  return sums;
}

function checkLayers(costs: readonly number[], stageCount: number): void {
  if (costs.length < stageCount) {
    throw new RangeError(`${costs.length} layers do not fill ${stageCount} stages`);
  }
  const wrong = costs.find((cost) => !(cost > 0 && cost < Infinity));
  if (wrong !== undefined) throw new RangeError(`found a layer of cost ${wrong}, expected above 0`);
}
