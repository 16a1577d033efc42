import type { CostVertices } from '../oracle.js';

/**
 * The convex costs of operations over whole ticks, as whole numbers of a quantum, from their
 * vertices: sums of them are exact, so that no comparison needs an epsilon.
 *
 * The quantum is a power of two: small enough that rounding does not show, and large enough that
 * every sum of slopes along a flow, and every difference of costs, stays below 2^53.
 */
export class CostCurves {
  /** One quantum per tick is this many joules per tick. */
  readonly quantumJ: number;
  /** Per operation: its shortest and its longest useful duration. */
  readonly minTicks: Float64Array;
  readonly maxTicks: Float64Array;

  /** Per operation: its first vertex and its first slot. */
  private readonly firstVertex: Int32Array;
  private readonly firstSlot: Int32Array;
  private readonly ticksPerSlot: Float64Array;
  /** Per slot of a duration range: the last vertex at or before its beginning. */
  private readonly vertexOf: Int32Array;
  /** Per vertex: ticks, cost above the operation's slowest, and the saving of each tick after it. */
  private readonly ticks: Float64Array;
  private readonly cost: Float64Array;
  private readonly slope: Float64Array;

  /**
   * @param curves convex, non-increasing costs at whole ticks; one for each operation.
   * @param instructionCount of the pipeline that runs them.
   */
  constructor(curves: readonly CostVertices[], instructionCount: number) {
    const vertexCount = curves.reduce((sum, { length }) => sum + length, 0);
    this.firstVertex = new Int32Array(curves.length + 1);
    this.firstSlot = new Int32Array(curves.length + 1);
    this.minTicks = Float64Array.from(curves, (vertices) => vertices[0]!.duration);
    this.maxTicks = Float64Array.from(curves, (vertices) => vertices.at(-1)!.duration);
    this.ticksPerSlot = new Float64Array(curves.length);
    this.ticks = new Float64Array(vertexCount);
    this.cost = new Float64Array(vertexCount);
    this.slope = new Float64Array(vertexCount);
    curves.forEach(({ length }, o) => {
      const range = this.maxTicks[o]! - this.minTicks[o]!;
      this.firstVertex[o + 1] = this.firstVertex[o]! + length;
      this.ticksPerSlot[o] = Math.max(1, range / (SLOTS_PER_VERTEX * length));
      const slots = 1 + Math.floor(range / this.ticksPerSlot[o]!);
      this.firstSlot[o + 1] = this.firstSlot[o]! + slots;
    });
    this.vertexOf = new Int32Array(this.firstSlot[curves.length]!);
    this.quantumJ = quantumFor(curves, instructionCount);
    curves.forEach((vertices, o) => {
      this.fill(o, vertices);
    });
  }

  /** The cost of a duration above that of the slowest, in quanta; 0 beyond. O(1) on average. */
  at(op: number, duration: number): number {
    const fromFastest = duration - this.minTicks[op]!;
    if (duration >= this.maxTicks[op]!) return 0;
    const slot = this.firstSlot[op]! + Math.floor(fromFastest / this.ticksPerSlot[op]!);
    let v = this.vertexOf[slot]!;
    while (this.ticks[v + 1]! <= duration) v++;
    return this.cost[v]! - this.slope[v]! * (duration - this.ticks[v]!);
  }

  private fill(op: number, vertices: CostVertices): void {
    const { ticks, cost, slope, quantumJ } = this;
    const first = this.firstVertex[op]!;
    const last = this.firstVertex[op + 1]! - 1;
    vertices.forEach(({ duration }, k) => (ticks[first + k] = duration));
    let flattest = 0;
    for (let v = last - 1; v >= first; v--) {
      const [left, right] = [vertices[v - first]!, vertices[v - first + 1]!];
      const perTickJ = (left.costJ - right.costJ) / (right.duration - left.duration);
      // Rounding must not break the convexity.
      flattest = Math.max(flattest, Math.round(perTickJ / quantumJ));
      slope[v] = flattest;
      cost[v] = cost[v + 1]! + flattest * (ticks[v + 1]! - ticks[v]!);
    }
    const slots = this.firstSlot[op + 1]! - this.firstSlot[op]!;
    let v = first;
    for (let s = 0; s < slots; s++) {
      const from = ticks[first]! + s * this.ticksPerSlot[op]!;
      while (v < last && ticks[v + 1]! <= from) v++;
      this.vertexOf[this.firstSlot[op]! + s] = v;
    }
  }
}

const SLOTS_PER_VERTEX = 2;
/** Bits of a double that hold a whole number exactly, less one for safety. */
const EXACT_BITS = 52;
/** Below this a power of two loses digits or becomes 0: smaller costs count as 0. */
const SMALLEST_EXPONENT = -1000;

function quantumFor(curves: readonly CostVertices[], instructionCount: number): number {
  let steepestJ = 0;
  let longest = instructionCount + 1;
  for (const vertices of curves) {
    if (vertices.length < 2) continue;
    const [left, right] = [vertices[0]!, vertices[1]!];
    const perTickJ = (left.costJ - right.costJ) / (right.duration - left.duration);
    steepestJ = Math.max(steepestJ, perTickJ);
    longest = Math.max(longest, vertices.at(-1)!.duration - left.duration);
  }
  if (steepestJ === 0) return 1;
  const bits = Math.ceil(Math.log2(steepestJ)) + Math.ceil(Math.log2(longest));
  return 2 ** Math.max(bits - EXACT_BITS, SMALLEST_EXPONENT);
}
