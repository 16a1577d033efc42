import type { Machine } from '../operators/operator-time.js';

/** The choices that a user makes about measurements. */
export interface ImportSettings {
  /** Iterations at the beginning of each clock that do not count; by default ten, a third at most. */
  readonly warmUp?: number | undefined;
  /** The samples' clock minus the instructions' clock, if it is known. */
  readonly offsetS?: number | undefined;
  /** Power of a GPU that waits, if it is known. */
  readonly blockingPowerW?: number | undefined;
  /** The GPU by whose law what was not measured is modelled; nothing is if it is left out. */
  readonly machine?: Machine | undefined;
  /** How instructions get their energy from samples. */
  readonly energyBy: EnergyRule;
}

/** Ways to give instructions their energy from samples. */
export const ENERGY_RULES = ['least-squares', 'interpolation'] as const;

export type EnergyRule = (typeof ENERGY_RULES)[number];
