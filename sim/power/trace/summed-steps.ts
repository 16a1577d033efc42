import type { PowerSteps } from '../power-series.js';

/** Steps of one GPU, and the number of GPUs that draw the same at the same time. */
export interface WeightedSteps {
  readonly steps: PowerSteps;
  readonly gpuCount: number;
}

/**
 * The power of all GPUs of all parts, which begin together: it changes where any of them does. A part
 * that ends before the others holds its last power.
 *
 * Adds powers, never differences, so that nothing drifts. O(steps · log parts).
 *
 * @throws RangeError if there is no part.
 */
export function summedSteps(parts: readonly WeightedSteps[]): PowerSteps {
  if (parts.length === 0) throw new RangeError('there is nothing to add up');
  let sums = parts.map(({ steps, gpuCount }) =>
    gpuCount === 1
      ? steps
      : { untilS: steps.untilS, powerW: steps.powerW.map((powerW) => gpuCount * powerW) },
  );
  while (sums.length > 1) {
    sums = Array.from({ length: Math.ceil(sums.length / 2) }, (_, k) => {
      const other = sums[2 * k + 1];
      return other === undefined ? sums[2 * k]! : sumOfTwo(sums[2 * k]!, other);
    });
  }
  return sums[0]!;
}

function sumOfTwo(a: PowerSteps, b: PowerSteps): PowerSteps {
  const [lastA, lastB] = [a.untilS.length - 1, b.untilS.length - 1];
  const untilS = new Float64Array(lastA + lastB + 2);
  const powerW = new Float64Array(lastA + lastB + 2);
  let length = 0;
  let i = 0;
  let j = 0;
  while (i <= lastA || j <= lastB) {
    const aS = i <= lastA ? a.untilS[i]! : Infinity;
    const bS = j <= lastB ? b.untilS[j]! : Infinity;
    untilS[length] = Math.min(aS, bS);
    powerW[length] = a.powerW[Math.min(i, lastA)]! + b.powerW[Math.min(j, lastB)]!;
    length++;
    if (aS <= bS) i++;
    if (bS <= aS) j++;
  }
  return { untilS: untilS.subarray(0, length), powerW: powerW.subarray(0, length) };
}
