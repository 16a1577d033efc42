import { PushRelabel } from '../flow/push-relabel.js';
import type { CostCurves } from './cost-curves.js';
import { MOST_STEPS, PriceBounds, UNREACHED } from './price-bounds.js';
import { GROUND, type TimingNetwork } from './timing-network.js';

/**
 * The times of events that cost least: they minimise Σ c(π_finish − π_start) subject to π_head −
 * π_tail ≥ gap, which is a convex function of differences of whole numbers (L♮-convex; Murota 2003).
 * Its dual is a circulation of prices of time: times and prices are optimal together if every price
 * fits the time along its arc (`PriceBounds`).
 *
 * `solve` finds the best times that are whole steps away from the present ones, by the primal-dual
 * method of convex-cost flows: prices are put within their bounds, which leaves nodes with too much
 * and nodes with too little; what can be moved at these times is moved (`PushRelabel`); then times move
 * until there is room on a way from the former to the latter, and so on. With halved steps from call
 * to call, times and prices need only small corrections each time.
 */
export class OptimalTimes {
  readonly bounds: PriceBounds;
  private readonly preflow: PushRelabel;
  /** Per node: steps from where a search began. */
  private readonly distance: Int32Array;
  /** Nodes found at each distance, the last one first: entries, some of them out of date. */
  private readonly bucket = new Int32Array(MOST_STEPS + 1);
  private readonly entryNode: Int32Array;
  private readonly entryNext: Int32Array;
  private entryCount = 0;
  private readonly settled: Int32Array;
  private settledCount = 0;
  private visits = 0;

  /** @param start feasible times of all nodes, in whole ticks. */
  constructor(
    network: TimingNetwork,
    operation: ArrayLike<number>,
    curves: CostCurves,
    start: Float64Array,
  ) {
    const { nodeCount, arcCount } = network;
    this.bounds = new PriceBounds(network, operation, curves, start.slice());
    this.preflow = new PushRelabel(network, this.bounds.residual);
    this.distance = new Int32Array(nodeCount);
    this.entryNode = new Int32Array(2 * arcCount + nodeCount);
    this.entryNext = new Int32Array(2 * arcCount + nodeCount);
    this.settled = new Int32Array(nodeCount);
  }

  /** Visits of the arcs at nodes so far: a measure of the work. */
  get work(): number {
    return this.visits + this.preflow.visits;
  }

  /** Finds the best times in steps of this many ticks, a power of two, from the present ones. */
  solve(step: number): void {
    this.bounds.step = step;
    this.fitPrices();
    do this.preflow.run();
    while (this.moveTimes());
  }

  /** Puts every price within its bounds, and counts what nodes then have too much, or lack. */
  private fitPrices(): void {
    const { bounds } = this;
    const { arcCount, arcTail, arcHead } = bounds.network;
    const { excess } = this.preflow;
    excess.fill(0);
    for (let arc = 0; arc < arcCount; arc++) {
      const price = bounds.fit(arc);
      excess[arcTail[arc]!]! -= price;
      excess[arcHead[arc]!]! += price;
    }
  }

  /**
   * Moves every event to its earliest optimal time that is not below a limit, in steps of one tick.
   * @param limit times after the ground; some optimal times must keep them all.
   */
  toEarliest(limit: Float64Array): void {
    const { time } = this.bounds;
    const isBelow = limit.some((least, v) => time[v]! - time[GROUND]! < least);
    if (isBelow) this.moveAll(1, new Float64Array(limit.length).fill(Infinity));
    this.moveAll(
      -1,
      limit.map((least, v) => time[v]! - time[GROUND]! - least),
    );
  }

  /**
   * Moves every event as far from its time as it remains optimal, the ground excepted.
   * @param direction earlier, or later.
   * @param most ticks by which each event may move.
   */
  private moveAll(direction: -1 | 1, most: Float64Array): void {
    const { distance, bounds } = this;
    const { time, network } = bounds;
    for (let isCapped = true; isCapped;) {
      isCapped = false;
      this.beginSearch();
      this.enter(GROUND, 0);
      most.forEach((ticks, v) => {
        if (ticks <= MOST_STEPS && v !== GROUND) this.enter(v, ticks);
      });
      for (let d = 0; d <= MOST_STEPS; d++) this.settle(d, direction);
      for (let v = 0; v < network.nodeCount; v++) {
        const steps = Math.min(distance[v]!, MOST_STEPS);
        if (steps === MOST_STEPS) isCapped = true;
        time[v]! += direction * steps;
        most[v]! -= steps;
      }
      for (let arc = 0; arc < network.arcCount; arc++) bounds.refresh(arc);
    }
  }

  /**
   * Moves times until there is room on ways from nodes with too much to those that lack something.
   * @returns false if no node has too much.
   */
  private moveTimes(): boolean {
    const { excess } = this.preflow;
    this.beginSearch();
    let lacking = 0;
    for (let v = 0; v < excess.length; v++) {
      if (excess[v]! < 0) lacking++;
      else if (excess[v]! > 0) this.enter(v, 0);
    }
    if (lacking === 0) return false;
    let farthest = MOST_STEPS;
    for (let d = 0; d <= MOST_STEPS && lacking > 0; d++) {
      const from = this.settledCount;
      this.settle(d);
      let found = 0;
      for (let k = from; k < this.settledCount; k++) {
        if (excess[this.settled[k]!]! < 0) found++;
      }
      lacking -= found;
      if (found > 0) farthest = d;
    }
    this.shift(farthest);
    return true;
  }

  /** Moves settled nodes later, the more the nearer they are. */
  private shift(farthest: number): void {
    const { settled, settledCount, distance, bounds } = this;
    const { time, step } = bounds;
    const { halfArcStart, head, arcOf } = bounds.network;
    for (let k = 0; k < settledCount; k++) {
      const v = settled[k]!;
      time[v]! += Math.max(0, farthest - distance[v]!) * step;
    }
    for (let k = 0; k < settledCount; k++) {
      const v = settled[k]!;
      if (distance[v]! >= farthest) continue;
      for (let h = halfArcStart[v]!, end = halfArcStart[v + 1]!; h < end; h++) {
        if (distance[head[h]!] !== distance[v]) bounds.refresh(arcOf[h]!);
      }
    }
  }

  private beginSearch(): void {
    this.distance.fill(UNREACHED);
    this.bucket.fill(-1);
    this.entryCount = 0;
    this.settledCount = 0;
  }

  private enter(v: number, distance: number): void {
    this.distance[v] = distance;
    this.entryNode[this.entryCount] = v;
    this.entryNext[this.entryCount] = this.bucket[distance]!;
    this.bucket[distance] = this.entryCount++;
  }

  /** Settles all nodes at a distance, and enters those beyond (Dijkstra 1959, with Dial's buckets). */
  private settle(d: number, direction: -1 | 1 = -1): void {
    const { distance, bucket, entryNode, entryNext, bounds } = this;
    const { halfArcStart, head, twin } = bounds.network;
    for (let e = bucket[d]!; e >= 0; e = bucket[d]!) {
      bucket[d] = entryNext[e]!;
      const v = entryNode[e]!;
      if (distance[v] !== d) continue;
      this.settled[this.settledCount++] = v;
      for (let h = halfArcStart[v]!, end = halfArcStart[v + 1]!; h < end; h++) {
        const w = head[h]!;
        this.visits++;
        if (distance[w]! <= d) continue;
        const there = d + bounds.stepsToRoom(direction === 1 ? twin[h]! : h);
        if (there < distance[w]! && there <= MOST_STEPS) this.enter(w, there);
      }
    }
  }
}
