import { most } from '../../extremes.js';
import type { CostVertices } from '../oracle.js';
import { quantumFor } from '../perseus/marginals.js';

/**
 * The convex costs of operations over whole ticks, from their vertices.
 *
 * Savings are whole numbers of a quantum, the same as on the frontier (`Marginals`): sums of them are
 * exact, so that no comparison needs an epsilon, and ties are the same ties. The saving of a step of
 * several ticks is a mean, rounded, and kept between the savings of its first and its last tick: a
 * later step never saves more than an earlier one, whatever the rounding.
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
  /** Per vertex: its ticks, and the saving of each tick after it; 0 after an operation's last. */
  private readonly ticks: Float64Array;
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
    this.slope = new Float64Array(vertexCount);
    curves.forEach(({ length }, o) => {
      const range = this.maxTicks[o]! - this.minTicks[o]!;
      this.firstVertex[o + 1] = this.firstVertex[o]! + length;
      this.ticksPerSlot[o] = Math.max(1, range / (SLOTS_PER_VERTEX * length));
      const slots = 1 + Math.floor(range / this.ticksPerSlot[o]);
      this.firstSlot[o + 1] = this.firstSlot[o]! + slots;
    });
    this.vertexOf = new Int32Array(this.firstSlot[curves.length]!);
    this.quantumJ = quantumFor(steepest(curves), instructionCount);
    curves.forEach((vertices, o) => {
      this.fill(o, vertices);
    });
  }

  /** The saving of this many ticks more, per tick, in quanta. O(1) on average. */
  saving(op: number, duration: number, ticks: number): number {
    if (duration >= this.maxTicks[op]!) return 0;
    let v = this.vertexBefore(op, duration);
    const first = this.slope[v]!;
    const end = duration + ticks;
    if (this.ticks[v + 1]! >= end) return first;
    let saved = first * (this.ticks[v + 1]! - duration);
    const last = this.firstVertex[op + 1]! - 1;
    for (v++; v < last && this.ticks[v + 1]! < end; v++) {
      saved += this.slope[v]! * (this.ticks[v + 1]! - this.ticks[v]!);
    }
    saved += this.slope[v]! * (end - this.ticks[v]!);
    return Math.max(this.slope[v]!, Math.min(first, Math.round(saved / ticks)));
  }

  /** The last vertex that is no later than a duration below the slowest. */
  private vertexBefore(op: number, duration: number): number {
    const fromFastest = duration - this.minTicks[op]!;
    const slot = this.firstSlot[op]! + Math.floor(fromFastest / this.ticksPerSlot[op]!);
    let v = this.vertexOf[slot]!;
    while (this.ticks[v + 1]! <= duration) v++;
    return v;
  }

  private fill(op: number, vertices: CostVertices): void {
    const { ticks, slope, quantumJ } = this;
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

/** Slots of the table in which vertices are looked up. */
const SLOTS_PER_VERTEX = 2;

/** The largest saving of a tick, in joules. */
function steepest(curves: readonly CostVertices[]): number {
  const savings = curves.map(([first, second]) =>
    second === undefined ? 0 : (first!.costJ - second.costJ) / (second.duration - first!.duration),
  );
  return Math.max(0, most(savings));
}
