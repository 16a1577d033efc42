import { least, most } from '../extremes.js';
/** Layers cut into stages, each of consecutive layers. */
export interface Partition {
  /** How many layers each stage holds. */
  readonly layerCounts: readonly number[];
  /** Sum of the layers' costs, per stage. */
  readonly stageCosts: readonly number[];
  /** Slowest stage over fastest stage (Perseus, SOSP '24, section 2). */
  readonly imbalanceRatio: number;
}

/**
 * The partition with given numbers of layers.
 * @throws RangeError when they are not all layers.
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

/** As equal numbers of layers as can be; the first stages hold one more where it does not come out. */
export function evenCounts(layerCount: number, stageCount: number): number[] {
  return Array.from({ length: stageCount }, (_, s) => Math.ceil((layerCount - s) / stageCount));
}

/**
 * The partition whose slowest stage is fastest; of several the one whose fastest stage is slowest.
 * O(stages · layers²).
 *
 * @throws RangeError when there are fewer layers than stages, or a cost is not above 0.
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
 * The partition with the least imbalance ratio; of several the one whose slowest stage is fastest.
 * Exact: for every cost that the fastest stage might have, the fastest slowest stage above it.
 * O(stages · layers² · distinct costs of a stage), less what cannot improve any more.
 *
 * @throws RangeError when there are fewer layers than stages, or a cost is not above 0.
 */
export function minimumImbalance(costs: readonly number[], stageCount: number): Partition {
  checkLayers(costs, stageCount);
  let best = cutAbove(costs, stageCount, 0)!;
  const ratio = ({ heaviest, lightest }: Cut) => heaviest / lightest;
  for (const floor of stageSums(costs, stageCount)) {
    // What was found for a lower floor already stays above this one.
    if (floor <= best.lightest) continue;
    const found = cutAbove(costs, stageCount, floor);
    if (found === undefined) break;
    if (ratio(found) < ratio(best) * (1 - ROUNDING)) best = found;
  }
  return partitionOf(costs, best.layerCounts);
}

/** Sums of the same costs in another order differ in the last bits. */
const ROUNDING = 1e-12;

interface Cut {
  readonly layerCounts: readonly number[];
  readonly heaviest: number;
  readonly lightest: number;
}

/** The cut whose heaviest stage is lightest while no stage is below a floor; undefined if none. */
function cutAbove(costs: readonly number[], stageCount: number, floor: number): Cut | undefined {
  const n = costs.length;
  const upTo = prefixSums(costs);
  /** heaviest[s][k]: of the best cut of the first k layers into s stages. */
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

/** Every cost that a stage can have and the fastest stage may have at most, rising. */
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
