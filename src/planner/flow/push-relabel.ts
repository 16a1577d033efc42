import type { HalfArcs } from './half-arcs.js';

/**
 * Moves what nodes have too much towards nodes that lack something, along half-arcs with room, until
 * no such way leads from the former to the latter: a maximum flow by push and relabel, highest label
 * first (Goldberg and Tarjan 1988; Cherkassky and Goldberg 1997), with labels made exact now and
 * then. What cannot be moved stays where it was pushed last. O(nodes² · √arcs).
 *
 * Augmenting paths take five times as long where what is wrong is spread over all nodes. Where
 * thousands of arcs make a path and each search finds a single one, a whole frontier takes six times as
 * long with them (`MaxFlow`).
 */
export class PushRelabel {
  /** Per node: what comes in more than what goes out. Writable by the owner between calls of `run`. */
  readonly excess: Float64Array;
  /** Visits of half-arcs: a measure of the work. */
  visits = 0;

  /** Per node: a lower bound of the number of arcs to one that lacks something. */
  private readonly label: Int32Array;
  private readonly labelCount: Int32Array;
  /** Nodes with too much: the last one of each label, and the one before it. */
  private readonly active: Int32Array;
  private readonly nextActive: Int32Array;
  private highest = -1;
  private relabels = 0;
  /** Per node: the next of its half-arcs to try. */
  private readonly cursor: Int32Array;
  private readonly queue: Int32Array;

  /** @param residual room of each half-arc; shared with the owner. */
  constructor(
    private readonly network: HalfArcs,
    private readonly residual: Float64Array,
  ) {
    const { nodeCount } = network;
    this.excess = new Float64Array(nodeCount);
    this.label = new Int32Array(nodeCount);
    this.labelCount = new Int32Array(nodeCount + 1);
    this.active = new Int32Array(nodeCount + 1);
    this.nextActive = new Int32Array(nodeCount);
    this.cursor = new Int32Array(nodeCount);
    this.queue = new Int32Array(nodeCount);
  }

  /** Moves all that can be moved. */
  run(): void {
    const { active, nextActive, label, labelCount } = this;
    const { nodeCount } = this.network;
    this.makeExact();
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
      if (labelCount[l] === 0 && l > 0) this.cutOffAbove(l);
      if (this.relabels > nodeCount) this.makeExact();
    }
  }

  /** No node with this label is left: those above cannot reach what lacks something. */
  private cutOffAbove(gap: number): void {
    const { label, labelCount, active } = this;
    const { nodeCount } = this.network;
    for (let v = 0; v < nodeCount; v++) if (label[v]! > gap) label[v] = nodeCount;
    labelCount.fill(0, gap + 1);
    active.fill(-1, gap + 1);
    this.highest = Math.min(this.highest, gap);
  }

  /** Labels every node with its distance, in arcs, by a search back from those that lack something. */
  private makeExact(): void {
    const { label, labelCount, queue, excess, residual } = this;
    const { nodeCount, halfArcStart, head, twin } = this.network;
    label.fill(nodeCount);
    labelCount.fill(0);
    this.cursor.set(halfArcStart.subarray(0, nodeCount));
    let count = 0;
    for (let v = 0; v < nodeCount; v++) {
      if (excess[v]! >= 0) continue;
      label[v] = 0;
      queue[count++] = v;
    }
    labelCount[0] = count;
    for (let k = 0; k < count; k++) {
      const v = queue[k]!;
      const there = label[v]! + 1;
      for (let h = halfArcStart[v]!, end = halfArcStart[v + 1]!; h < end; h++) {
        const w = head[h]!;
        this.visits++;
        if (label[w] !== nodeCount || residual[twin[h]!]! <= 0) continue;
        label[w] = there;
        labelCount[there]!++;
        queue[count++] = w;
      }
    }
    this.relabels = 0;
    this.highest = -1;
    this.active.fill(-1);
    for (let v = 0; v < nodeCount; v++) {
      if (excess[v]! > 0 && label[v]! < nodeCount) this.activate(v);
    }
  }

  private activate(v: number): void {
    const l = this.label[v]!;
    this.nextActive[v] = this.active[l]!;
    this.active[l] = v;
    if (l > this.highest) this.highest = l;
  }

  /** Moves all that a node has too much, or finds that it cannot be moved. */
  private discharge(v: number): void {
    const { label, labelCount } = this;
    const { nodeCount, halfArcStart } = this.network;
    while (!this.pushDown(v)) {
      const was = label[v]!;
      const now = this.leastLabelBeyond(v) + 1;
      this.relabels++;
      this.cursor[v] = halfArcStart[v]!;
      labelCount[was]!--;
      label[v] = now > nodeCount || labelCount[was] === 0 ? nodeCount : now;
      if (label[v] === nodeCount) return;
      labelCount[label[v]]!++;
    }
  }

  /** Pushes to nodes one label lower. @returns whether nothing is left. */
  private pushDown(v: number): boolean {
    const { excess, cursor, label, residual } = this;
    const { halfArcStart, head, twin } = this.network;
    const below = label[v]! - 1;
    for (let h = cursor[v]!, end = halfArcStart[v + 1]!; h < end; h++) {
      const w = head[h]!;
      this.visits++;
      if (label[w] !== below) continue;
      const room = residual[h]!;
      if (room <= 0) continue;
      const sent = Math.min(room, excess[v]!);
      residual[h] = room - sent;
      residual[twin[h]!]! += sent;
      const had = excess[w]!;
      excess[v]! -= sent;
      excess[w] = had + sent;
      if (had <= 0 && had + sent > 0) this.activate(w);
      if (excess[v] === 0) {
        cursor[v] = h;
        return true;
      }
    }
    return false;
  }

  private leastLabelBeyond(v: number): number {
    const { label, residual } = this;
    const { nodeCount, halfArcStart, head } = this.network;
    let least = nodeCount;
    for (let h = halfArcStart[v]!, end = halfArcStart[v + 1]!; h < end; h++) {
      const l = label[head[h]!]!;
      this.visits++;
      if (l < least && residual[h]! > 0) least = l;
    }
    return least;
  }
}
