/**
 * The arcs of a flow network, as searches read them: arc a is two *half-arcs*, `forth[a]` from tail
 * to head and `back[a]` the other way. Half-arcs are ordered by the node that they leave, so that
 * they lie side by side: those of node v are `halfArcStart[v]` up to, not including,
 * `halfArcStart[v + 1]`, the ones along their arc first.
 */
export interface HalfArcs {
  readonly nodeCount: number;
  /** Per arc: its half-arcs. */
  readonly forth: Int32Array;
  readonly back: Int32Array;
  /** Per node, and one more: its first half-arc. */
  readonly halfArcStart: Int32Array;
  /** Per half-arc: the node it leads to, the opposite half-arc, and its arc. */
  readonly head: Int32Array;
  readonly twin: Int32Array;
  readonly arcOf: Int32Array;
}

/** Numbers the half-arcs of a network. O(nodes + arcs). */
export function numberHalfArcs(
  nodeCount: number,
  arcTail: Int32Array,
  arcHead: Int32Array,
): HalfArcs {
  const halfArcStart = new Int32Array(nodeCount + 1);
  for (const nodes of [arcTail, arcHead]) for (const v of nodes) halfArcStart[v + 1]!++;
  for (let v = 0; v < nodeCount; v++) halfArcStart[v + 1]! += halfArcStart[v]!;
  const next = halfArcStart.slice(0, nodeCount);
  const forth = arcTail.map((v) => next[v]!++);
  const back = arcHead.map((v) => next[v]!++);
  const head = new Int32Array(2 * arcTail.length);
  const twin = new Int32Array(head.length);
  const arcOf = new Int32Array(head.length);
  forth.forEach((h, a) => {
    const other = back[a]!;
    head[h] = arcHead[a]!;
    head[other] = arcTail[a]!;
    twin[h] = other;
    twin[other] = h;
    arcOf[h] = arcOf[other] = a;
  });
  return { nodeCount, halfArcStart, head, twin, arcOf, forth, back };
}
