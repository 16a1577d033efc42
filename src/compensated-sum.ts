/** A running sum that does not lose small terms among large ones. */
export interface CompensatedSum {
  add(value: number): void;
  value(): number;
}

/**
 * Neumaier's variant of Kahan summation ("Rundungsfehleranalyse einiger Verfahren zur Summation
 * endlicher Summen", ZAMM 1974): the error of each addition is kept and added at the end.
 */
export function compensatedSum(): CompensatedSum {
  let sum = 0;
  let lost = 0;
  return {
    add(value) {
      const next = sum + value;
      lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
      sum = next;
    },
    value: () => sum + lost,
  };
}
