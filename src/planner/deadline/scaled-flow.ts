import type { CostCurves } from './cost-curves.js';
import { GROUND, type TimingNetwork } from './timing-network.js';

/** Times move by at most this many steps at once. */
const MOST_STEPS = 63;
const UNREACHED = MOST_STEPS + 1;

export const STATS = { all: false };

export class ScaledFlow {
  /** Per node: its time in ticks. */
  readonly time: Float64Array;
  /** Per arc: its price of time, in quanta per tick. */
  readonly price: Float64Array;
  /** Visits of nodes' sides: a measure of the work. */
  visits = 0;
  rounds = 0;
  augmentations = 0;
  relabels = 0;

  private step = 1;
  private readonly low: Float64Array;
  private readonly up: Float64Array;
  private readonly excess: Float64Array;
  private readonly distance: Int32Array;
  private readonly bucket = new Int32Array(MOST_STEPS + 1);
  private readonly entryNode: Int32Array;
  private readonly entryNext: Int32Array;
  private readonly settled: Int32Array;
  private readonly label: Int32Array;
  private readonly labelCount: Int32Array;
  private readonly active: Int32Array;
  private readonly nextActive: Int32Array;
  private readonly cursor: Int32Array;

  constructor(
    private readonly network: TimingNetwork,
    private readonly operation: ArrayLike<number>,
    private readonly curves: CostCurves,
    time: Float64Array,
    price?: Float64Array,
  ) {
    const { nodeCount, arcCount } = network;
    this.time = time.slice();
    this.price = price?.slice() ?? new Float64Array(arcCount);
    this.low = new Float64Array(arcCount);
    this.up = new Float64Array(arcCount);
    this.excess = new Float64Array(nodeCount);
    this.distance = new Int32Array(nodeCount);
    this.entryNode = new Int32Array(2 * arcCount + nodeCount);
    this.entryNext = new Int32Array(2 * arcCount + nodeCount);
    this.settled = new Int32Array(nodeCount);
    this.label = new Int32Array(nodeCount);
    this.labelCount = new Int32Array(nodeCount + 2);
    this.active = new Int32Array(nodeCount + 2);
    this.nextActive = new Int32Array(nodeCount);
    this.cursor = new Int32Array(nodeCount);
  }

  /** Solves the problem in times that are whole steps apart from the present ones. */
  solve(step: number): void {
    this.step = step;
    this.fitPrices();
    this.push();
    while (this.raiseTimes()) {
      this.push();
    }
  }

  /** Moves every event to the earliest optimal time. */
  toEarliest(): void {
    const { distance, time, step } = this;
    for (;;) {
      this.distance.fill(UNREACHED);
      let entries = 0;
      this.bucket.fill(-1);
      const push = (v: number, d: number) => {
        distance[v] = d;
        this.entryNode[entries] = v;
        this.entryNext[entries] = this.bucket[d]!;
        this.bucket[d] = entries++;
      };
      push(GROUND, 0);
      for (let d = 0; d <= MOST_STEPS; d++) {
        for (let e = this.bucket[d]!; e >= 0; e = this.bucket[d]!) {
          this.bucket[d] = this.entryNext[e]!;
          const v = this.entryNode[e]!;
          if (distance[v] !== d) continue;
          this.scan(v, d, push);
          distance[v] = -1 - d;
        }
      }
      let moved = false;
      let capped = false;
      for (let v = 0; v < time.length; v++) {
        const d = distance[v]! < 0 ? -1 - distance[v]! : MOST_STEPS;
        if (d > 0) moved = true;
        if (d === MOST_STEPS) capped = true;
        time[v]! -= d * step;
      }
      if (!moved || !capped) return;
      for (let a = 0; a < this.network.arcCount; a++) this.bound(a);
    }
  }

  private scan(v: number, d: number, push: (v: number, d: number) => void): void {
    const { sideStart, side, head, tail } = this.network;
    const { distance } = this;
    for (let s = sideStart[v]!, end = sideStart[v + 1]!; s < end; s++) {
      const way = side[s]!;
      const arc = way >> 1;
      const w = (way & 1) === 0 ? head[arc]! : tail[arc]!;
      if (distance[w]! <= d) continue;
      const there = d + ((way & 1) === 0 ? this.stepsUp(arc) : this.stepsDown(arc));
      if (there < distance[w]! && there <= MOST_STEPS) push(w, there);
    }
  }

  /** Puts every price within the bounds of its span, and counts what nodes then lack or have too much. */
  private fitPrices(): void {
    const { network, price, excess, low, up } = this;
    const { tail, head, arcCount } = network;
    excess.fill(0);
    for (let a = 0; a < arcCount; a++) {
      this.bound(a);
      const x = Math.min(Math.max(price[a]!, low[a]!), up[a]!);
      price[a] = x;
      excess[tail[a]!]! -= x;
      excess[head[a]!]! += x;
    }
  }

  /** Refreshes the bounds of an arc's price. */
  private bound(arc: number): void {
    const span = this.span(arc);
    if (arc >= this.network.instructionCount) {
      this.up[arc] = span - this.network.gap[arc]! < this.step ? Infinity : 0;
      return;
    }
    this.low[arc] = this.least(arc, span);
    this.up[arc] = this.most(arc, span);
  }

  private span(arc: number): number {
    return this.time[this.network.head[arc]!]! - this.time[this.network.tail[arc]!]!;
  }

  /** The saving of one more step, per tick: the least price at which an instruction has this span. */
  private least(i: number, span: number): number {
    const op = this.operation[i]!;
    const { step, curves } = this;
    if (span >= curves.maxTicks[op]!) return 0;
    return Math.round((curves.at(op, span) - curves.at(op, span + step)) / step);
  }

  private most(i: number, span: number): number {
    const op = this.operation[i]!;
    const { step, curves } = this;
    if (span - step < curves.minTicks[op]!) return Infinity;
    if (span - step >= curves.maxTicks[op]!) return 0;
    return Math.round((curves.at(op, span - step) - curves.at(op, span)) / step);
  }

  /** Steps by which an arc has to become shorter before its price can rise. */
  private stepsUp(arc: number): number {
    const { network, step } = this;
    const x = this.price[arc]!;
    if (this.up[arc]! > x) return 0;
    const span = this.span(arc);
    if (arc >= network.instructionCount) return Math.floor((span - network.gap[arc]!) / step);
    let low = 0;
    let k = 1;
    const longest = this.curves.maxTicks[this.operation[arc]!]!;
    if (span > longest) {
      k = Math.max(1, Math.floor((span - longest) / step));
      low = k - 1;
    }
    let gallop = 1;
    while (k <= MOST_STEPS && !(this.most(arc, span - k * step) > x)) {
      low = k;
      k += gallop;
      gallop *= 2;
    }
    if (k > MOST_STEPS) {
      if (low >= MOST_STEPS) return UNREACHED;
      k = MOST_STEPS;
      if (!(this.most(arc, span - k * step) > x)) return UNREACHED;
    }
    while (k - low > 1) {
      const middle = (k + low) >> 1;
      if (this.most(arc, span - middle * step) > x) k = middle;
      else low = middle;
    }
    return k;
  }

  /** Steps by which an arc has to become longer before its price can fall. */
  private stepsDown(arc: number): number {
    const { network, step } = this;
    const x = this.price[arc]!;
    if (x > this.low[arc]!) return 0;
    if (x === 0) return UNREACHED;
    const span = this.span(arc);
    let low = 0;
    let k = 1;
    let gallop = 1;
    while (k <= MOST_STEPS && !(this.least(arc, span + k * step) < x)) {
      low = k;
      k += gallop;
      gallop *= 2;
    }
    if (k > MOST_STEPS) {
      k = MOST_STEPS;
      if (!(this.least(arc, span + k * step) < x)) return UNREACHED;
    }
    while (k - low > 1) {
      const middle = (k + low) >> 1;
      if (this.least(arc, span + middle * step) < x) k = middle;
      else low = middle;
    }
    return k;
  }

  /**
   * Moves times so that a node with too much reaches one with too little. @returns false if no node
   * has too much.
   */
  private raiseTimes(): boolean {
    const { excess, distance, bucket, entryNode, entryNext, settled, time, step } = this;
    const { sideStart, side, head, tail, nodeCount } = this.network;
    distance.fill(UNREACHED);
    bucket.fill(-1);
    let entries = 0;
    let lacking = 0;
    for (let v = 0; v < nodeCount; v++) {
      if (excess[v]! < 0) lacking++;
      if (excess[v]! <= 0) continue;
      distance[v] = 0;
      entryNode[entries] = v;
      entryNext[entries] = bucket[0]!;
      bucket[0] = entries++;
    }
    if (entries === 0) return false;
    this.rounds++;
    let settledCount = 0;
    let found = MOST_STEPS;
    let last = -1;
    search: for (let d = 0; d <= MOST_STEPS; d++) {
      for (let e = bucket[d]!; e >= 0; e = bucket[d]!) {
        bucket[d] = entryNext[e]!;
        const v = entryNode[e]!;
        if (distance[v] !== d) continue;
        if (excess[v]! < 0) {
          last = d;
          if (!STATS.all || --lacking === 0) {
            found = d;
            break search;
          }
        }
        settled[settledCount++] = v;
        for (let s = sideStart[v]!, end = sideStart[v + 1]!; s < end; s++) {
          const way = side[s]!;
          const arc = way >> 1;
          const w = (way & 1) === 0 ? head[arc]! : tail[arc]!;
          this.visits++;
          if (distance[w]! <= d) continue;
          const there = d + ((way & 1) === 0 ? this.stepsUp(arc) : this.stepsDown(arc));
          if (there >= distance[w]! || there > MOST_STEPS) continue;
          distance[w] = there;
          entryNode[entries] = w;
          entryNext[entries] = bucket[there]!;
          bucket[there] = entries++;
        }
      }
    }
    if (STATS.all && last >= 0) found = last;
    for (let k = 0; k < settledCount; k++) {
      const v = settled[k]!;
      // A node may be settled once only: its distance is final.
      if (distance[v]! < found) time[v]! += (found - distance[v]!) * step;
    }
    for (let k = 0; k < settledCount; k++) {
      const v = settled[k]!;
      if (distance[v]! >= found) continue;
      for (let s = sideStart[v]!, end = sideStart[v + 1]!; s < end; s++) {
        const way = side[s]!;
        const w = (way & 1) === 0 ? head[way >> 1]! : tail[way >> 1]!;
        if (distance[w] !== distance[v]) this.bound(way >> 1);
      }
    }
    return true;
  }

  private capacity(way: number): number {
    const arc = way >> 1;
    const x = this.price[arc]!;
    return (way & 1) === 0 ? this.up[arc]! - x : x - this.low[arc]!;
  }

  /** Labels nodes with the number of arcs to the nearest node that lacks something. */
  private relabelAll(): void {
    const { label, labelCount, settled, excess, cursor } = this;
    const { nodeCount, sideStart, side, head, tail } = this.network;
    label.fill(nodeCount);
    labelCount.fill(0);
    cursor.set(sideStart.subarray(0, nodeCount));
    let count = 0;
    for (let v = 0; v < nodeCount; v++) {
      if (excess[v]! >= 0) continue;
      label[v] = 0;
      settled[count++] = v;
    }
    labelCount[0] = count;
    for (let k = 0; k < count; k++) {
      const v = settled[k]!;
      const l = label[v]! + 1;
      for (let s = sideStart[v]!, end = sideStart[v + 1]!; s < end; s++) {
        const way = side[s]!;
        const w = (way & 1) === 0 ? head[way >> 1]! : tail[way >> 1]!;
        this.visits++;
        if (label[w] === nodeCount && this.capacity(way ^ 1) > 0) {
          label[w] = l;
          labelCount[l]!++;
          settled[count++] = w;
        }
      }
    }
    this.sinceRelabel = 0;
    this.highest = -1;
    this.active.fill(-1);
    for (let v = 0; v < nodeCount; v++) if (excess[v]! > 0 && label[v]! < nodeCount) this.activate(v);
  }

  private sinceRelabel = 0;
  private highest = -1;

  private activate(v: number): void {
    const l = this.label[v]!;
    this.nextActive[v] = this.active[l]!;
    this.active[l] = v;
    if (l > this.highest) this.highest = l;
  }

  /** Sends what nodes have too much to nodes with too little as far as prices may change at these times. */
  private push(): void {
    const { active, nextActive, label, labelCount } = this;
    const { nodeCount } = this.network;
    this.relabelAll();
    while (this.highest >= 0) {
      const l = this.highest;
      const v = active[l]!;
      if (v < 0) {
        this.highest--;
        continue;
      }
      active[l] = nextActive[v]!;
      if (label[v] !== l) continue;
      this.discharge(v);
      if (labelCount[l] === 0 && l > 0) {
        // Nothing with a higher label reaches a node that lacks something.
        for (let u = 0; u < nodeCount; u++) if (label[u]! > l) label[u] = nodeCount;
        for (let k = l + 1; k < nodeCount; k++) {
          labelCount[k] = 0;
          active[k] = -1;
        }
        this.highest = Math.min(this.highest, l);
      }
      if (this.sinceRelabel > nodeCount) this.relabelAll();
    }
  }

  private discharge(v: number): void {
    const { excess, cursor, label, labelCount, price } = this;
    const { sideStart, side, head, tail, nodeCount } = this.network;
    const first = sideStart[v]!;
    const end = sideStart[v + 1]!;
    for (;;) {
      let s = cursor[v]!;
      const below = label[v]! - 1;
      for (; s < end; s++) {
        const way = side[s]!;
        const w = (way & 1) === 0 ? head[way >> 1]! : tail[way >> 1]!;
        this.visits++;
        if (label[w] !== below) continue;
        const room = this.capacity(way);
        if (room <= 0) continue;
        const sent = Math.min(room, excess[v]!);
        this.augmentations++;
        price[way >> 1]! += (way & 1) === 0 ? sent : -sent;
        const had = excess[w]!;
        excess[v]! -= sent;
        excess[w] = had + sent;
        if (had <= 0 && had + sent > 0) this.activate(w);
        if (excess[v] === 0) {
          cursor[v] = s;
          return;
        }
      }
      let least = nodeCount;
      for (let k = first; k < end; k++) {
        const way = side[k]!;
        const w = (way & 1) === 0 ? head[way >> 1]! : tail[way >> 1]!;
        if (label[w]! < least && this.capacity(way) > 0) least = label[w]!;
      }
      this.visits += end - first;
      this.relabels++;
      this.sinceRelabel++;
      labelCount[label[v]!]!--;
      cursor[v] = first;
      const was = label[v]!;
      label[v] = Math.min(nodeCount, least + 1);
      if (label[v] === nodeCount) return;
      labelCount[label[v]]!++;
      if (labelCount[was] === 0) {
        label[v] = nodeCount;
        return;
      }
    }
  }
}
