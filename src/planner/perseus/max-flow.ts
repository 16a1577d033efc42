import { PushRelabel } from '../flow/push-relabel.js';
import { SINK, SOURCE, type Network } from './network.js';

/**
 * Depth-first searches before what is left is pushed. GPT-3 175B on 8 stages seldom needs more than
 * two; on 64 stages × 512 microbatches a step would need up to three thousand.
 */
const MOST_SEARCHES = 2;

/**
 * More than any flow, which `Marginals` keeps below it. No arc ever carries more than all of it and
 * the flow before, because no flow goes in circles (all arcs lead forward in time): 2^53, exactly.
 */
const ALL = 2 ** 52;

/**
 * Maximum flow that continues from the previous one. Half-arcs hold how much an arc with a flow
 * between lb and ub can still take and give back:
 *
 *     tail ── residual[forth] = ub − flow ──▶ head
 *     tail ◀── residual[back] = flow − lb ─── head
 *
 * The set of nodes that the source reaches in the residual graph is kept, and extended when arcs
 * open:
 *
 *            reached        ¦   not reached
 *     source ●──▶●──▶●──▶●━━¦━━▶○──▶○──▶○ sink     ━ full: what `run` left
 *                ●──▶●══════¦══▶○──▶○              ═ opened since: search on from here
 *
 * The search meets every full half-arc on its way, so it also finds the ones that leave the set, its
 * border; those that a later extension overtakes are dropped.
 *
 * There is flow to augment only when the extension touches the sink. Then depth-first searches go
 * forward in time, augment whenever they meet the sink, and continue from the point where that path
 * is full. A breadth-first search after each finds whether any flow is left to augment; if not, it
 * has found the new set.
 *
 * Flow is booked when the search leaves an arc, not path by path: an augmentation costs the part of
 * the path behind its first full arc. What some searches have left is pushed (`PushRelabel`), which
 * also guarantees that all ends, whatever the capacities: O(nodes² · √arcs).
 *
 * Along a pipeline's frontier a minimum cut mostly ties with one that lies a microbatch later: the
 * set grows by that microbatch, and nothing else is visited. Only 13 % of the steps of GPT-3 175B
 * (A40, 96 microbatches) augment at all.
 *
 * Tried on that job from the shipped curves, relative to this: Dinic's algorithm alone, path by
 * path, 1.4; two search trees whose orphans are adopted (Boykov and Kolmogorov, PAMI 2004) twice as
 * long as that, because whole trees dissolve and regrow each time the ties run out; trying the
 * paths of the last augmentations first 1.1, because hardly any is open again; searching back from
 * the sink 0.9, which does not justify code for both directions; pushing alone, without searches,
 * 1.6, and 1.8 on 64 stages; trying dead ends again whenever an augmentation frees a node they lead
 * to, 1.3. Pushing excess forward in one wave does not work at all: 99 % of the paths go against
 * time somewhere. Dinic's levels in place of pushing took 6 times as long on 64 stages × 512
 * microbatches, where each of up to 3,000 levels gave one path of some 5,000 arcs.
 *
 * All capacities are whole numbers (see `Marginals`), so sums and differences are exact and "no
 * capacity left" means 0, not "less than some epsilon".
 */
export class MaxFlow {
  /** Residual capacity of each half-arc. Writable by the owner between calls of `run`. */
  readonly residual: Float64Array;
  /** Nodes reachable from the source, in the order they were found. */
  reached: Int32Array;
  reachedCount = 0;
  /** Half-arcs that lead out of `reached`, after `run`. All are full. */
  readonly border: Int32Array;
  borderCount = 0;

  private readonly head: Int32Array;
  private readonly halfArcStart: Int32Array;
  private readonly twin: Int32Array;
  /** Per node: the last search that reached it; equal to `search` for the nodes in `reached`. */
  private readonly reachedBy: Int32Array;
  private search = 1;
  /** Next half-arc to try at each node. */
  private readonly cursor: Int32Array;
  /** Half-arcs of the current search's path. */
  private readonly path: Int32Array;
  /** Per half-arc of the path: the search's flow when the half-arc was taken. */
  private readonly flowBefore: Float64Array;
  /**
   * Per half-arc of the path: the flow at which the path up to it is full, and the first half-arc
   * that is full then.
   */
  private readonly fullAt: Float64Array;
  private readonly firstFull: Int32Array;
  private readonly preflow: PushRelabel;
  /** Half-arcs of the border that have gained capacity. */
  private readonly opened: Int32Array;
  private openedCount = 0;
  private isStarted = false;

  /**
   * @param mostSearches depth-first searches of a run before what they left is pushed.
   */
  constructor(
    network: Network,
    private readonly mostSearches = MOST_SEARCHES,
  ) {
    const { nodeCount, arcCount } = network;
    this.head = network.head;
    this.halfArcStart = network.halfArcStart;
    this.twin = network.twin;
    this.residual = new Float64Array(2 * arcCount);
    this.reached = new Int32Array(nodeCount);
    this.reachedBy = new Int32Array(nodeCount);
    this.cursor = new Int32Array(nodeCount);
    this.path = new Int32Array(nodeCount);
    this.flowBefore = new Float64Array(nodeCount);
    this.fullAt = new Float64Array(nodeCount);
    this.firstFull = new Int32Array(nodeCount);
    this.preflow = new PushRelabel(network, this.residual);
    this.opened = new Int32Array(2 * arcCount);
    this.border = new Int32Array(2 * arcCount);
  }

  /** Whether the node is reachable from the source in the residual graph, after `run`. */
  isReachable(node: number): boolean {
    return this.reachedBy[node] === this.search;
  }

  /** Tells the search that this half-arc of the border has gained capacity. */
  open(halfArc: number): void {
    this.opened[this.openedCount++] = halfArc;
  }

  /**
   * Augments until no path from source to sink is left.
   *
   * @returns false if a path has no finite limit: the flow is unbounded, and the network must not
   *   be used again.
   */
  run(): boolean {
    let touchesSink = this.isStarted ? this.extend() : this.findReachable();
    this.isStarted = true;
    for (let searches = 0; touchesSink; searches++) {
      const isBounded = searches < this.mostSearches ? this.augment() : this.pushAll();
      if (!isBounded) return false;
      touchesSink = this.findReachable();
    }
    this.dropInnerBorder();
    return true;
  }

  private reach(node: number): void {
    this.reachedBy[node] = this.search;
    this.reached[this.reachedCount++] = node;
  }

  /** Removes the half-arcs of the border whose heads have been reached since they were found. */
  private dropInnerBorder(): void {
    const { border, head, reachedBy, search } = this;
    let kept = 0;
    for (let k = 0; k < this.borderCount; k++) {
      const h = border[k]!;
      if (reachedBy[head[h]!] !== search) border[kept++] = h;
    }
    this.borderCount = kept;
  }

  /**
   * Adds the nodes that become reachable through opened half-arcs. @returns whether they include
   * the sink.
   */
  private extend(): boolean {
    const { head, residual, reachedBy, search, opened } = this;
    const count = this.openedCount;
    this.openedCount = 0;
    let next = this.reachedCount;
    for (let k = 0; k < count; k++) {
      const w = head[opened[k]!]!;
      if (residual[opened[k]!] === 0 || reachedBy[w] === search) continue;
      if (w === SINK) return true;
      this.reach(w);
    }
    for (; next < this.reachedCount; next++) {
      if (this.scan(this.reached[next]!)) return true;
    }
    return false;
  }

  /**
   * Reaches what a node's open half-arcs lead to; the others belong to the border. @returns
   * whether one leads to the sink.
   */
  private scan(v: number): boolean {
    const { head, halfArcStart, residual, reachedBy, search, border } = this;
    for (let h = halfArcStart[v]!, end = halfArcStart[v + 1]!; h < end; h++) {
      const w = head[h]!;
      if (reachedBy[w] === search) continue;
      if (residual[h] === 0) border[this.borderCount++] = h;
      else if (w === SINK) return true;
      else this.reach(w);
    }
    return false;
  }

  /**
   * Searches depth first from the source, augmenting on the way. Dead ends are not tried again,
   * even those that only led back to the path, so some flow may be left.
   *
   * @returns false if a path has no finite limit.
   */
  private augment(): boolean {
    const { head, halfArcStart, reachedBy, cursor, fullAt, firstFull } = this;
    const search = ++this.search;
    cursor.set(halfArcStart.subarray(0, cursor.length));
    reachedBy[SOURCE] = search;
    let flow = 0;
    let depth = 0;
    let v = SOURCE;
    for (;;) {
      const h = this.nextWayOn(v);
      cursor[v] = h;
      if (h === halfArcStart[v + 1]!) {
        if (depth === 0) return true;
        v = this.stepBack(--depth, flow);
        cursor[v]!++;
        continue;
      }
      this.stepOn(depth, h, flow);
      v = head[h]!;
      if (v !== SINK) {
        reachedBy[v] = search;
        depth++;
        continue;
      }
      flow = fullAt[depth]!;
      if (flow === Infinity) return false;
      const first = firstFull[depth]!;
      v = this.stepBack(depth, flow);
      while (depth > first) {
        // The node may still lead to the sink along another path.
        reachedBy[v] = 0;
        v = this.stepBack(--depth, flow);
      }
    }
  }

  /**
   * The next of a node's half-arcs that has room and leads to a node that this search has not
   * visited; or their end.
   */
  private nextWayOn(v: number): number {
    const { head, residual, reachedBy, search } = this;
    const end = this.halfArcStart[v + 1]!;
    let h = this.cursor[v]!;
    while (h < end && (residual[h] === 0 || reachedBy[head[h]!] === search)) h++;
    return h;
  }

  /** Appends a half-arc to the path. */
  private stepOn(depth: number, h: number, flow: number): void {
    const { fullAt, firstFull } = this;
    const before = depth === 0 ? Infinity : fullAt[depth - 1]!;
    const arcFullAt = this.residual[h]! + flow;
    const isFirst = depth === 0 || arcFullAt < before;
    this.path[depth] = h;
    this.flowBefore[depth] = flow;
    fullAt[depth] = isFirst ? arcFullAt : before;
    firstFull[depth] = isFirst ? depth : firstFull[depth - 1]!;
  }

  /**
   * Removes the path's last half-arc and books the flow it carried. @returns the node it comes
   * from.
   */
  private stepBack(depth: number, flow: number): number {
    const h = this.path[depth]!;
    const sent = flow - this.flowBefore[depth]!;
    const back = this.twin[h]!;
    this.residual[h]! -= sent;
    this.residual[back]! += sent;
    return this.head[back]!;
  }

  /**
   * Searches breadth first from the source until it meets the sink.
   * @returns whether it met the sink; if not, `reached` and `border` are complete.
   */
  private findReachable(): boolean {
    this.search++;
    this.borderCount = 0;
    this.reachedCount = 0;
    this.reach(SOURCE);
    for (let next = 0; next < this.reachedCount; next++) {
      if (this.scan(this.reached[next]!)) return true;
    }
    return false;
  }

  /**
   * Pushes all that can flow from the source to the sink, and what cannot back to the source.
   * @returns false if a path has no finite limit.
   */
  private pushAll(): boolean {
    const { preflow } = this;
    const { excess } = preflow;
    excess[SOURCE] = ALL;
    excess[SINK] = -ALL;
    preflow.run();
    const isBounded = excess[SINK] < 0;
    excess[SINK] = 0;
    excess[SOURCE] = -ALL;
    preflow.run();
    excess[SOURCE] = 0;
    return isBounded;
  }
}
