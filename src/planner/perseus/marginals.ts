import type { PlanningProblem } from '../planner.js';

/**
 * The cost of one tick more or less for each operation, as whole numbers.
 *
 * The marginal cost of operation o at duration d is c(d) − c(d + 1) ≥ 0, the energy that one more
 * tick saves; it is stored at `value[start[o] + d − minTicks]` in units of `quantumJ`, rounded. The
 * quantum is a power of two, small enough that rounding changes no frontier energy by more than
 * about 1e-12 of it, and large enough that every flow stays below 2^53: all flow arithmetic is
 * exact, and no comparison needs an epsilon.
 */
export interface Marginals {
  readonly quantumJ: number;
  /** First entry of each operation; length operations + 1. */
  readonly start: Int32Array;
  readonly value: Float64Array;
  /**
   * Length of the run of equal entries that ends here, going downwards (to shorter durations),
   * including this one.
   */
  readonly equalDown: Int32Array;
  /** Length of the run of equal entries that starts here, going upwards, including this one. */
  readonly equalUp: Int32Array;
}

/** Bits of a double that hold a whole number exactly, less one for safety. */
const EXACT_BITS = 52;

/** Below this a power of two loses digits or becomes 0: smaller costs count as 0. */
const SMALLEST_EXPONENT = -1000;

/** Tabulates the marginals of a problem. O(total ticks of all operations). */
export function buildMarginals({ dag, operations }: PlanningProblem): Marginals {
  const start = new Int32Array(operations.length + 1);
  operations.forEach((op, o) => (start[o + 1] = start[o]! + op.maxTicks - op.minTicks));
  const value = new Float64Array(start[operations.length]!);
  let largest = 0;
  operations.forEach(({ costJ }, o) => {
    for (let k = 0, at = start[o]!; k + 1 < costJ.length; k++, at++) {
      value[at] = costJ[k]! - costJ[k + 1]!;
      if (value[at]! > largest) largest = value[at]!;
    }
  });
  const quantumJ = quantumFor(largest, dag.instructionCount);
  for (let o = 0; o < operations.length; o++) {
    roundConvex(value.subarray(start[o], start[o + 1]), quantumJ);
  }
  return { quantumJ, start, value, ...runLengths(start, value) };
}

/** Smallest power of two for which the sum of all instructions' largest marginals stays exact. */
export function quantumFor(largestJ: number, instructionCount: number): number {
  if (largestJ === 0) return 1;
  const bits = Math.ceil(Math.log2(largestJ)) + Math.ceil(Math.log2(instructionCount + 1));
  return 2 ** Math.max(bits - EXACT_BITS, SMALLEST_EXPONENT);
}

/** Rounds to whole quanta, and restores the convexity that rounding errors broke. */
function roundConvex(marginal: Float64Array, quantumJ: number): void {
  let least = 0;
  for (let k = marginal.length - 1; k >= 0; k--) {
    least = Math.max(least, Math.round(marginal[k]! / quantumJ));
    marginal[k] = least;
  }
}

function runLengths(
  start: Int32Array,
  value: Float64Array,
): { equalDown: Int32Array; equalUp: Int32Array } {
  const equalDown = new Int32Array(value.length).fill(1);
  const equalUp = new Int32Array(value.length).fill(1);
  for (let o = 0; o + 1 < start.length; o++) {
    const first = start[o]!;
    const end = start[o + 1]!;
    for (let k = first + 1; k < end; k++) {
      if (value[k] === value[k - 1]) equalDown[k] = equalDown[k - 1]! + 1;
    }
    for (let k = end - 2; k >= first; k--) {
      if (value[k] === value[k + 1]) equalUp[k] = equalUp[k + 1]! + 1;
    }
  }
  return { equalDown, equalUp };
}
