import { staircase } from '../../lower-left.js';
import type { OperationCosts, QuantisedOption } from '../../profile/operation-costs.js';
import { clockChoices } from '../perseus-hull/clock-choices.js';

/**
 * The clocks at which an operation may run for the sake of flatness, fastest first. Clocks below the
 * one of least energy are among them: they cost energy, and draw less power for longer.
 */
export interface FlatChoices {
  readonly options: readonly QuantisedOption[];
  /** Rising. */
  readonly timeS: Float64Array;
  /** Mean power while it computes, above that of waiting; of one GPU. */
  readonly powerW: Float64Array;
  /** Energy − P_blocking · time. */
  readonly effectiveJ: Float64Array;
}

/**
 * The clocks of an operation that no other beats on both time and power, with those that planners of
 * least energy use.
 */
export function flatChoices(operation: OperationCosts, blockingPowerW: number): FlatChoices {
  const aboveWaitingW = ({ energyJ, timeS }: QuantisedOption) => energyJ / timeS - blockingPowerW;
  const kept = new Set([
    ...staircase(operation.allOptions, ({ timeS }) => timeS, aboveWaitingW),
    ...clockChoices(operation, blockingPowerW).options,
    ...operation.options,
  ]);
  const options = operation.allOptions
    .filter((option) => kept.has(option))
    .sort((a, b) => a.timeS - b.timeS || a.energyJ - b.energyJ);
  return {
    options,
    timeS: Float64Array.from(options, ({ timeS }) => timeS),
    powerW: Float64Array.from(options, aboveWaitingW),
    effectiveJ: Float64Array.from(
      options,
      ({ energyJ, timeS }) => energyJ - blockingPowerW * timeS,
    ),
  };
}
