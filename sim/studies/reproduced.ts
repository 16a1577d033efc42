import type { PublishedFigure } from './published.js';

/** A published figure and what we get for it. */
export interface ReproducedFigure extends PublishedFigure {
  /** What the cost models promise. */
  readonly plannedPct: number;
  /** What the chosen clocks take and use when simulated. */
  readonly simulatedPct: number;
}

/** How many figures agree with the published ones, within so many percentage points. */
export interface Agreement {
  readonly figures: number;
  readonly within: readonly {
    readonly points: number;
    readonly planned: number;
    readonly simulated: number;
  }[];
  readonly plannedMean: number;
  readonly simulatedMean: number;
}

const TOLERANCES = [0.1, 0.5, 1];

/** Counts agreement; differences are absolute, in percentage points. */
export function agreement(figures: readonly ReproducedFigure[]): Agreement {
  const planned = figures.map((figure) => Math.abs(figure.plannedPct - figure.valuePct));
  const simulated = figures.map((figure) => Math.abs(figure.simulatedPct - figure.valuePct));
  const count = (values: readonly number[], points: number) =>
    values.filter((value) => value <= points).length;
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    figures: figures.length,
    within: TOLERANCES.map((points) => ({
      points,
      planned: count(planned, points),
      simulated: count(simulated, points),
    })),
    plannedMean: mean(planned),
    simulatedMean: mean(simulated),
  };
}
