import { measuredOptions } from '../../src/profile/operation-costs.js';
import type { Derivation, Operation } from '../../src/profile/operation.js';
import type { ExecutionOption, StageProfile } from '../../src/profile/stage-profile.js';

/** The behaviour of one GPU running one operation at a locked clock. */
export interface OperationPhysics {
  timeS(frequencyMHz: number): number;
  /** Mean power while the operation runs. */
  powerW(frequencyMHz: number): number;
  /** The highest known clock that is not above a limit, or else the lowest. */
  clockAtMost(limitMHz: number): number;
  /** The range of measured clocks; outside it the numbers are extrapolated. */
  readonly lowestMHz: number;
  readonly highestMHz: number;
}

/**
 * Physics that reproduce a table of options: exact at its clocks.
 *
 * @param scale ratio of the real operation's time to the profiled one's (the published profiles
 *   hold a tenth of each stage's layers); power does not change.
 * @throws RangeError if asked for a clock that is not in the table.
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
 * Physics of a pipeline's operations, according to its profile.
 *
 * @param profile with one stage per model stage.
 * @param operations `dag.operations`; the result has the same indexes.
 */
export function profilePhysics(
  profile: StageProfile,
  operations: readonly Operation[],
  derivation?: Derivation,
): OperationPhysics[] {
  return measuredOptions(profile, operations, derivation).map((options) => tablePhysics(options));
}
