import type { PublishedFigure } from './published.js';

/** A figure as predicted by the cost models, and as simulated at the chosen clocks. */
export interface Reproduction {
  readonly plannedPct: number;
  readonly simulatedPct: number;
}

/** A published figure and our reproduction of it. */
export interface ReproducedFigure extends PublishedFigure, Reproduction {
  /**
   * The same for slightly later deadlines, in the order of `LATER`: the frontier is steepest at
   * T_min. Absent if no plan is chosen by its deadline.
   */
  readonly later?: readonly Reproduction[];
}

/** Deadlines shown beside T_min, or beside T' of a straggler, as multiples of it. */
export const LATER: readonly number[] = [1.001, 1.0025];

/**
 * The number of figures that agree with the published ones, and the tolerance in percentage points.
 */
export interface Agreement {
  readonly figures: number;
  readonly within: readonly {
    readonly points: number;
    readonly planned: number;
    readonly simulated: number;
  }[];
  readonly planned: Difference;
  readonly simulated: Difference;
}

/** Differences between figures and the published ones, in percentage points. */
export interface Difference {
  readonly mean: number;
  readonly worst: number;
}

const TOLERANCES = [0.1, 0.5, 1];

/** Counts agreement; differences are absolute, in percentage points. */
export function agreement(figures: readonly ReproducedFigure[]): Agreement {
  const planned = figures.map((figure) => Math.abs(figure.plannedPct - figure.valuePct));
  const simulated = figures.map((figure) => Math.abs(figure.simulatedPct - figure.valuePct));
  const count = (values: readonly number[], points: number) =>
    values.filter((value) => value <= points).length;
  return {
    figures: figures.length,
    within: TOLERANCES.map((points) => ({
      points,
      planned: count(planned, points),
      simulated: count(simulated, points),
    })),
    planned: difference(planned),
    simulated: difference(simulated),
  };
}

/** The gain from a later deadline: percentage points beyond the figure itself, as simulated. */
export function gainsOfLater(figures: readonly ReproducedFigure[], k: number): Difference {
  return difference(
    figures.flatMap(({ later, simulatedPct }) =>
      later === undefined ? [] : [later[k]!.simulatedPct - simulatedPct],
    ),
  );
}

function difference(values: readonly number[]): Difference {
  return {
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    worst: values.reduce((a, b) => Math.max(a, b), -Infinity),
  };
}
