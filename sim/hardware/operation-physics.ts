import {
  powerAt,
  timeAt,
  type DeviceCurve,
  type StageCurves,
} from '../../src/profile/device-curve.js';
import type { ExecutionOption, StageProfile } from '../../src/profile/stage-profile.js';
import { INSTRUCTION_KINDS } from '../../src/profile/stage-profile.js';

/** What one GPU does with one operation at a locked clock. */
export interface OperationPhysics {
  timeS(frequencyMHz: number): number;
  /** Mean power while the operation runs. */
  powerW(frequencyMHz: number): number;
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
  const at = (frequencyMHz: number): ExecutionOption => {
    const option = byClock.get(frequencyMHz);
    if (option === undefined) throw new RangeError(`no option at ${frequencyMHz} MHz`);
    return option;
  };
  return {
    timeS: (frequencyMHz) => at(frequencyMHz).timeS * scale,
    powerW: (frequencyMHz) => at(frequencyMHz).energyJ / at(frequencyMHz).timeS,
    lowestMHz: Math.min(...byClock.keys()),
    highestMHz: Math.max(...byClock.keys()),
  };
}

/** Physics by fitted curves, at any clock. `scale` as for `tablePhysics`. */
export function curvePhysics(curve: DeviceCurve, scale = 1): OperationPhysics {
  return {
    timeS: (frequencyMHz) => timeAt(curve, frequencyMHz) * scale,
    powerW: (frequencyMHz) => powerAt(curve, frequencyMHz),
    lowestMHz: curve.fit.lowestMHz,
    highestMHz: curve.fit.highestMHz,
  };
}

/** Physics of every operation of a profile, indexed as `dag.operation` (stage · kinds + kind). */
export function profilePhysics(profile: StageProfile, scale = 1): OperationPhysics[] {
  return profile.stages.flatMap((stage) =>
    INSTRUCTION_KINDS.map((kind) => tablePhysics(stage[kind], scale)),
  );
}

/** Physics of every operation by its stage's fitted curves, indexed as `dag.operation`. */
export function stageCurvePhysics(stages: readonly StageCurves[], scale = 1): OperationPhysics[] {
  return stages.flatMap((curves) =>
    INSTRUCTION_KINDS.map((kind) => curvePhysics(curves[kind], scale)),
  );
}
