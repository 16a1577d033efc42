import type { CostCurves } from './cost-curves.js';
import { GROUND, type TimingNetwork } from './timing-network.js';

/** Times move by at most this many steps at once. */
const MOST_STEPS = 63;
const UNREACHED = MOST_STEPS + 1;

/**
 * Times and prices that prove each other optimal.
 *
 * The times of events π minimise Σ c(π_finish − π_start) subject to π_head − π_tail ≥ gap; its dual is
 * a circulation x of prices of time. They are optimal if each arc's price is one at which its span
 * is worth while.
 */
export class ScaledFlow {
  /** Per node: its time in ticks. */
  readonly time: Float64Array;
  /** Per arc: its price of time, in quanta per tick. */
  readonly price: Float64Array;
  /** Visits of nodes' sides: a measure of the work. */
  visits = 0;
  rounds = 0;
  augmentations = 0;

  private step = 1;
  private readonly excess: Float64Array;
  private readonly distance: Int32Array;
  private readonly bucket = new Int32Array(MOST_STEPS + 1);
  private readonly entryNode: Int32Array;
  private readonly entryNext: Int32Array;
  private readonly settled: Int32Array;
  private readonly seen: Int32Array;
  private search = 0;
  private readonly cursor: Int32Array;
  private readonly path: Int32Array;

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
    this.excess = new Float64Array(nodeCount);
    this.distance = new Int32Array(nodeCount);
    this.entryNode = new Int32Array(2 * arcCount + nodeCount);
    this.entryNext = new Int32Array(2 * arcCount + nodeCount);
    this.settled = new Int32Array(nodeCount);
    this.seen = new Int32Array(nodeCount);
    this.cursor = new Int32Array(nodeCount);
    this.path = new Int32Array(nodeCount + 1);
  }

  /** Solves the problem in times that are whole steps apart from the present ones. */
  solve(step: number): void {
    this.step = step;
    this.fitPrices();
    while (this.raiseTimes()) this.augment();
  }

  toCentre(): void {
    const was = this.time.slice();
    this.toEarliest();
    const early = this.time.slice();
    this.time.set(was);
    this.toLatest();
    for (let v = 0; v < was.length; v++) this.time[v] = (this.time[v]! + early[v]!) / 2;
  }

  toLatest(): void {
    this.backward = true;
    this.toEarliest();
    this.backward = false;
  }

  private backward = false;

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
        time[v]! += this.backward ? d * step : -d * step;
      }
      if (!moved || !capped) return;
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
      const there =
        d +
        (((way & 1) === 0) !== this.backward ? this.stepsUp(arc) : this.stepsDown(arc));
      if (there < distance[w]! && there <= MOST_STEPS) push(w, there);
    }
  }

  /** Puts every price within the bounds of its span, and counts what nodes then lack or have too much. */
  private fitPrices(): void {
    const { network, price, excess, step } = this;
    const { tail, head, gap, instructionCount, arcCount } = network;
    excess.fill(0);
    for (let a = 0; a < arcCount; a++) {
      let x = price[a]!;
      if (a < instructionCount) {
        const span = this.span(a);
        x = Math.min(Math.max(x, this.least(a, span)), this.most(a, span));
      } else if (x > 0 && this.span(a) - gap[a]! >= step) x = 0;
      price[a] = x;
      excess[tail[a]!]! -= x;
      excess[head[a]!]! += x;
    }
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
    const span = this.span(arc);
    if (arc >= network.instructionCount) return Math.floor((span - network.gap[arc]!) / step);
    const x = this.price[arc]!;
    let low = -1;
    let k = 0;
    const longest = this.curves.maxTicks[this.operation[arc]!]!;
    if (span > longest) k = Math.max(0, Math.floor((span - longest) / step));
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
    while (k - low > 1 && low >= 0) {
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
    if (x === 0) return UNREACHED;
    if (arc >= network.instructionCount) return 0;
    const span = this.span(arc);
    let low = -1;
    let k = 0;
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
    while (k - low > 1 && low >= 0) {
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
    this.rounds++;
    distance.fill(UNREACHED);
    bucket.fill(-1);
    let entries = 0;
    for (let v = 0; v < nodeCount; v++) {
      if (excess[v]! <= 0) continue;
      distance[v] = 0;
      entryNode[entries] = v;
      entryNext[entries] = bucket[0]!;
      bucket[0] = entries++;
    }
    if (entries === 0) return false;
    let settledCount = 0;
    let found = MOST_STEPS;
    search: for (let d = 0; d <= MOST_STEPS; d++) {
      for (let e = bucket[d]!; e >= 0; e = bucket[d]!) {
        bucket[d] = entryNext[e]!;
        const v = entryNode[e]!;
        if (distance[v] !== d) continue;
        if (excess[v]! < 0) {
          found = d;
          break search;
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
    for (let k = 0; k < settledCount; k++) {
      const v = settled[k]!;
      // A node may be settled once only: its distance is final.
      time[v]! += (found - distance[v]!) * step;
    }
    return true;
  }

  private capacity(way: number): number {
    const arc = way >> 1;
    const { instructionCount, gap } = this.network;
    const x = this.price[arc]!;
    if (arc >= instructionCount) {
      if ((way & 1) === 1) return x;
      return this.span(arc) - gap[arc]! < this.step ? Infinity : 0;
    }
    const span = this.span(arc);
    return (way & 1) === 0 ? this.most(arc, span) - x : x - this.least(arc, span);
  }

  private augment(): void {
    const { excess, cursor, seen } = this;
    const { sideStart, nodeCount } = this.network;
    cursor.set(sideStart.subarray(0, nodeCount));
    this.search++;
    for (let v = 0; v < nodeCount; v++) {
      if (excess[v]! > 0 && seen[v] !== this.search) this.drain(v);
    }
  }

  /** Sends what a node has too much to nodes with too little, depth first. */
  private drain(from: number): void {
    const { excess, cursor, seen, path, price, search } = this;
    const { sideStart, side, head, tail } = this.network;
    let depth = 0;
    let v = from;
    seen[v] = search;
    for (;;) {
      if (excess[v]! < 0) {
        this.augmentations++;
        let sent = Math.min(excess[from]!, -excess[v]!);
        for (let k = 0; k < depth; k++) sent = Math.min(sent, this.capacity(path[k]!));
        let first = depth;
        for (let k = depth - 1; k >= 0; k--) {
          const way = path[k]!;
          price[way >> 1]! += (way & 1) === 0 ? sent : -sent;
          if (this.capacity(way) <= 0) first = k;
        }
        excess[from]! -= sent;
        excess[v]! += sent;
        const done = excess[from]! <= 0;
        if (done) first = 0;
        if (first === depth && excess[v]! < 0) throw new Error('no progress');
        while (depth > first) {
          seen[v] = 0;
          const way = path[--depth]!;
          v = (way & 1) === 0 ? tail[way >> 1]! : head[way >> 1]!;
        }
        if (done) {
          seen[from] = 0;
          return;
        }
      }
      let s = cursor[v]!;
      const end = sideStart[v + 1]!;
      let w = -1;
      for (; s < end; s++) {
        const way = side[s]!;
        w = (way & 1) === 0 ? head[way >> 1]! : tail[way >> 1]!;
        this.visits++;
        if (seen[w] !== search && this.capacity(way) > 0) break;
      }
      cursor[v] = s;
      if (s < end) {
        path[depth++] = side[s]!;
        v = w;
        seen[v] = search;
        continue;
      }
      if (depth === 0) return;
      const way = path[--depth]!;
      v = (way & 1) === 0 ? tail[way >> 1]! : head[way >> 1]!;
      cursor[v]!++;
    }
  }
}
