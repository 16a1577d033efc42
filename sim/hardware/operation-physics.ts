import type { ExecutionOption, StageProfile } from '../../src/profile/stage-profile.js';
import { INSTRUCTION_KINDS } from '../../src/profile/stage-profile.js';

/** What one GPU does with one operation at a locked clock. */
export interface OperationPhysics {
  timeS(frequencyMHz: number): number;
  /** Mean power while the operation runs. */
  powerW(frequencyMHz: number): number;
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
  const at = (frequencyMHz: number): ExecutionOption => {
    const option = byClock.get(frequencyMHz);
    if (option === undefined) throw new RangeError(`no option at ${frequencyMHz} MHz`);
    return option;
  };
  return {
    timeS: (frequencyMHz) => at(frequencyMHz).timeS * scale,
    powerW: (frequencyMHz) => at(frequencyMHz).energyJ / at(frequencyMHz).timeS,
  };
}

/** Physics of every operation of a profile, indexed as `dag.operation` (stage · kinds + kind). */
export function profilePhysics(profile: StageProfile, scale = 1): OperationPhysics[] {
  return profile.stages.flatMap((stage) =>
    INSTRUCTION_KINDS.map((kind) => tablePhysics(stage[kind], scale)),
  );
}
