import { measuredOptions } from '../../src/profile/operation-costs.js';
import type { Derivation, Operation } from '../../src/profile/operation.js';
import type { ExecutionOption, StageProfile } from '../../src/profile/stage-profile.js';

/** What one GPU does with one operation at a locked clock. */
export interface OperationPhysics {
  timeS(frequencyMHz: number): number;
  /** Mean power while the operation runs. */
  powerW(frequencyMHz: number): number;
  /** The highest clock it knows that is not above a limit, or its lowest one. */
  clockAtMost(limitMHz: number): number;
  /** Clocks between which it was measured; outside of them its numbers are a guess. */
  readonly lowestMHz: number;
  readonly highestMHz: number;
}

/**
 * Physics that repeat a table of options: exact at its clocks.
 *
 * @param scale how many times as long the real operation takes as the profiled one (the published
 *   profiles hold a tenth of each stage's layers); power does not change.
 * @throws RangeError when asked for a clock that is not in the table.
 */
export function tablePhysics(options: readonly ExecutionOption[], scale = 1): OperationPhysics {
  const byClock = new Map(options.map((option) => [option.frequencyMHz, option]));
  const risingMHz = [...byClock.keys()].sort((a, b) => a - b);
  const at = (frequencyMHz: number): ExecutionOption => {
    const option = byClock.get(frequencyMHz);
    if (option === undefined) throw new RangeError(`no option at ${frequencyMHz} MHz`);
    return option;
  };
  return {
    timeS: (frequencyMHz) => at(frequencyMHz).timeS * scale,
    powerW: (frequencyMHz) => at(frequencyMHz).energyJ / at(frequencyMHz).timeS,
    clockAtMost: (limitMHz) => risingMHz.findLast((clock) => clock <= limitMHz) ?? risingMHz[0]!,
    lowestMHz: risingMHz[0]!,
    highestMHz: risingMHz.at(-1)!,
  };
}

/**
 * Physics of a pipeline's operations, by what its profile holds.
 *
 * @param profile one stage per stage of the model.
 * @param operations `dag.operations`; the result is indexed alike.
 */
export function profilePhysics(
  profile: StageProfile,
  operations: readonly Operation[],
  derivation?: Derivation,
): OperationPhysics[] {
  return measuredOptions(profile, operations, derivation).map((options) => tablePhysics(options));
}
