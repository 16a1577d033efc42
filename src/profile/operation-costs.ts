import type { ExecutionOption } from './stage-profile.js';

/** An execution option whose time is also known in whole ticks. */
export interface QuantisedOption extends ExecutionOption {
  readonly durationTicks: number;
}

/**
 * What a planner knows of one operation (one kind of instruction on one stage), per GPU.
 * Durations are whole ticks between `minTicks` (fastest useful clock) and `maxTicks` (slowest).
 */
export interface OperationCosts {
  /** Every clock measured, highest first. */
  readonly allOptions: readonly QuantisedOption[];
  /** The clocks worth running at (Pareto-optimal), fastest first, durations strictly rising. */
  readonly options: readonly QuantisedOption[];
  readonly minTicks: number;
  readonly maxTicks: number;
  /**
   * Effective energy c(d) = energy(d) − P_blocking · d, for d = minTicks … maxTicks:
   * `costJ[d − minTicks]`. Convex; decreasing, because only useful clocks are kept.
   */
  readonly costJ: Float64Array;
}
