/** A measured value and its weight. */
export interface WeightedValue {
  readonly value: number;
  readonly weight: number;
}

/**
 * The non-increasing sequence closest to the given one in weighted least squares (pool adjacent
 * violators; Ayer et al., Annals of Mathematical Statistics 1955). O(n).
 */
export function nonIncreasing(values: readonly WeightedValue[]): number[] {
  const pools: { value: number; weight: number; size: number }[] = [];
  for (const { value, weight } of values) {
    pools.push({ value, weight, size: 1 });
    while (pools.length > 1 && pools.at(-2)!.value < pools.at(-1)!.value) {
      const right = pools.pop()!;
      const left = pools.at(-1)!;
      const weightOfBoth = left.weight + right.weight;
      left.value = (left.value * left.weight + right.value * right.weight) / weightOfBoth;
      left.weight = weightOfBoth;
      left.size += right.size;
    }
  }
  return pools.flatMap(({ value, size }) => new Array<number>(size).fill(value));
}
