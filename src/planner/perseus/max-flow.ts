import { SINK, SOURCE, type Network } from './network.js';

/** Which search tree a node is in. */
const FREE = 0;
const FROM_SOURCE = 1;
const TO_SINK = 2;

/** Sentinels of `parent`, which otherwise is the half-arc from a node to its parent. */
const ROOT = -1;
const ORPHAN = -2;
const NO_PARENT = -3;

/**
 * Maximum flow with two search trees that survive from one call to the next (Boykov and
 * Kolmogorov, "An experimental comparison of min-cut/max-flow algorithms", PAMI 2004): one of the
 * nodes that the source reaches, one of the nodes that reach the sink. Where they touch, flow is
 * augmented; nodes whose parent arc is then full look for another parent. Nothing is searched
 * twice that did not change, which is what makes a whole frontier cheap: between two steps only
 * the cut's arcs change.
 *
 * All capacities are whole numbers (see `Marginals`), so sums and differences are exact and "no
 * capacity left" means 0, not "less than some epsilon".
 */
export class MaxFlow {
  /** Residual capacity of each half-arc. Writable by the owner between calls of `run`. */
  readonly residual: Float64Array;
  /** Nodes that entered or left the source tree since `clearTouched`, in no order of meaning. */
  readonly touched: Int32Array;
  touchedCount = 0;

  private readonly head: Int32Array;
  private readonly halfArcStart: Int32Array;
  private readonly halfArc: Int32Array;
  private readonly tree: Uint8Array;
  private readonly parent: Int32Array;
  /** Distance to the root, valid while `stamp` is that of the node's last check. */
  private readonly distance: Int32Array;
  private readonly stamp: Int32Array;
  private readonly isTouched: Uint8Array;
  private clock = 0;
  /** Ring buffer of nodes whose arcs are to be looked at. */
  private readonly active: Int32Array;
  private readonly isActive: Uint8Array;
  private activeFirst = 0;
  private activeCount = 0;
  private readonly orphans: Int32Array;
  private orphanFirst = 0;
  private orphanCount = 0;

  constructor(network: Network) {
    const { nodeCount, arcCount } = network;
    this.head = network.head;
    this.halfArcStart = network.halfArcStart;
    this.halfArc = network.halfArc;
    this.residual = new Float64Array(2 * arcCount);
    this.touched = new Int32Array(nodeCount);
    this.tree = new Uint8Array(nodeCount);
    this.parent = new Int32Array(nodeCount).fill(NO_PARENT);
    this.distance = new Int32Array(nodeCount);
    this.stamp = new Int32Array(nodeCount);
    this.isTouched = new Uint8Array(nodeCount);
    this.active = new Int32Array(nodeCount);
    this.isActive = new Uint8Array(nodeCount);
    this.orphans = new Int32Array(nodeCount);
    this.plantRoot(SOURCE, FROM_SOURCE);
    this.plantRoot(SINK, TO_SINK);
  }

  /** After `run`: is the node reachable from the source in the residual graph? */
  isReachable(node: number): boolean {
    return this.tree[node] === FROM_SOURCE;
  }

  /** Tells the search that a half-arc leaving this node has gained capacity. */
  activate(node: number): void {
    if (this.isActive[node] !== 0) return;
    this.isActive[node] = 1;
    let slot = this.activeFirst + this.activeCount++;
    if (slot >= this.active.length) slot -= this.active.length;
    this.active[slot] = node;
  }

  /** Forgets which nodes changed sides. */
  clearTouched(): void {
    for (let k = 0; k < this.touchedCount; k++) this.isTouched[this.touched[k]!] = 0;
    this.touchedCount = 0;
  }

  /**
   * Augments until no path from source to sink is left.
   *
   * @returns false when a path has no finite limit: the flow is unbounded, the network may not be
   *   used any more.
   */
  run(): boolean {
    const { active, isActive, tree } = this;
    while (this.activeCount > 0) {
      const node = active[this.activeFirst]!;
      const bridge = tree[node] === FREE ? -1 : this.grow(node);
      if (bridge >= 0) {
        if (!this.augment(bridge)) return false;
        this.adoptOrphans();
        continue;
      }
      isActive[node] = 0;
      this.activeCount--;
      if (++this.activeFirst === active.length) this.activeFirst = 0;
    }
    return true;
  }

  private plantRoot(node: number, tree: number): void {
    this.tree[node] = tree;
    this.parent[node] = ROOT;
    if (tree === FROM_SOURCE) this.touch(node);
    this.activate(node);
  }

  private touch(node: number): void {
    if (this.isTouched[node] !== 0) return;
    this.isTouched[node] = 1;
    this.touched[this.touchedCount++] = node;
  }

  /**
   * Takes the free neighbours of an active node into its tree.
   * @returns a half-arc from the source tree to the sink tree with capacity left, or −1.
   */
  private grow(node: number): number {
    const { head, halfArc, residual, tree, parent, distance, stamp } = this;
    const own = tree[node]!;
    // Flow runs away from the source tree's nodes and towards the sink tree's: the half-arc that
    // must have capacity is the leaving one in the first case, its twin in the second.
    const flip = own === FROM_SOURCE ? 0 : 1;
    const end = this.halfArcStart[node + 1]!;
    for (let k = this.halfArcStart[node]!; k < end; k++) {
      const h = halfArc[k]!;
      if (residual[h ^ flip]! <= 0) continue;
      const other = head[h]!;
      const otherTree = tree[other]!;
      if (otherTree === FREE) {
        tree[other] = own;
        parent[other] = h ^ 1;
        distance[other] = distance[node]! + 1;
        stamp[other] = stamp[node]!;
        if (own === FROM_SOURCE) this.touch(other);
        this.activate(other);
      } else if (otherTree !== own) {
        return h ^ flip;
      } else if (stamp[other]! <= stamp[node]! && distance[other]! > distance[node]! + 1) {
        // A shorter way to the root keeps later augmentations short.
        parent[other] = h ^ 1;
        distance[other] = distance[node]! + 1;
        stamp[other] = stamp[node]!;
      }
    }
    return -1;
  }

  /** Sends as much as fits along root → bridge → root. O(path length). */
  private augment(bridge: number): boolean {
    const { head, residual, parent } = this;
    const sourceEnd = head[bridge ^ 1]!;
    const sinkEnd = head[bridge]!;
    let limit = residual[bridge]!;
    for (let v = sourceEnd, p = parent[v]!; p !== ROOT; v = head[p]!, p = parent[v]!) {
      if (residual[p ^ 1]! < limit) limit = residual[p ^ 1]!;
    }
    for (let v = sinkEnd, p = parent[v]!; p !== ROOT; v = head[p]!, p = parent[v]!) {
      if (residual[p]! < limit) limit = residual[p]!;
    }
    if (limit === Infinity) return false;

    this.clock++;
    residual[bridge]! -= limit;
    residual[bridge ^ 1]! += limit;
    for (let v = sourceEnd, p = parent[v]!; p !== ROOT; p = parent[v]!) {
      const next = head[p]!;
      residual[p]! += limit;
      residual[p ^ 1]! -= limit;
      if (residual[p ^ 1] === 0) this.makeOrphan(v);
      v = next;
    }
    for (let v = sinkEnd, p = parent[v]!; p !== ROOT; p = parent[v]!) {
      const next = head[p]!;
      residual[p]! -= limit;
      residual[p ^ 1]! += limit;
      if (residual[p] === 0) this.makeOrphan(v);
      v = next;
    }
    return true;
  }

  private makeOrphan(node: number): void {
    this.parent[node] = ORPHAN;
    let slot = this.orphanFirst + this.orphanCount++;
    if (slot >= this.orphans.length) slot -= this.orphans.length;
    this.orphans[slot] = node;
  }

  private adoptOrphans(): void {
    while (this.orphanCount > 0) {
      const node = this.orphans[this.orphanFirst]!;
      this.orphanCount--;
      if (++this.orphanFirst === this.orphans.length) this.orphanFirst = 0;
      if (!this.adopt(node)) this.setFree(node);
    }
  }

  /** Finds the orphan the parent of its own tree that is closest to the root. */
  private adopt(node: number): boolean {
    const { head, halfArc, residual, tree, parent, distance, stamp } = this;
    const own = tree[node]!;
    const flip = own === FROM_SOURCE ? 1 : 0;
    let best = NO_PARENT;
    let bestDistance = 0x7fffffff;
    const end = this.halfArcStart[node + 1]!;
    for (let k = this.halfArcStart[node]!; k < end; k++) {
      const h = halfArc[k]!;
      if (residual[h ^ flip]! <= 0) continue;
      const other = head[h]!;
      if (tree[other] !== own) continue;
      const d = this.rootDistance(other);
      if (d >= 0 && d < bestDistance) {
        best = h;
        bestDistance = d;
      }
    }
    if (best === NO_PARENT) return false;
    parent[node] = best;
    stamp[node] = this.clock;
    distance[node] = bestDistance + 1;
    return true;
  }

  /** Arcs from a node to its root, or −1 where its line ends in an orphan. Remembers the answer. */
  private rootDistance(node: number): number {
    const { head, parent, distance, stamp, clock } = this;
    let length = 0;
    let v = node;
    while (stamp[v] !== clock) {
      const p = parent[v]!;
      if (p === ROOT) break;
      if (p < 0) return -1;
      v = head[p]!;
      length++;
    }
    const total = length + (parent[v] === ROOT ? 0 : distance[v]!);
    let d = total;
    for (v = node; stamp[v] !== clock; v = head[parent[v]!]!) {
      stamp[v] = clock;
      distance[v] = d--;
      if (parent[v] === ROOT) break;
    }
    return total;
  }

  /** The orphan leaves its tree; its children become orphans, its neighbours look again. */
  private setFree(node: number): void {
    const { head, halfArc, residual, tree, parent } = this;
    const own = tree[node]!;
    const flip = own === FROM_SOURCE ? 1 : 0;
    const end = this.halfArcStart[node + 1]!;
    for (let k = this.halfArcStart[node]!; k < end; k++) {
      const h = halfArc[k]!;
      const other = head[h]!;
      if (tree[other] !== own) continue;
      if (residual[h ^ flip]! > 0) this.activate(other);
      if (parent[other] === (h ^ 1)) this.makeOrphan(other);
    }
    tree[node] = FREE;
    parent[node] = NO_PARENT;
    if (own === FROM_SOURCE) this.touch(node);
  }
}
