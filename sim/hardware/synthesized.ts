import type { SynthModel } from './synth-model.js';

/** Column of profiles that were not measured: the efficiency of their synthesis. */
export const SYNTHESIZED_COLUMN = 'synthesized_efficiency';

/** The differences between measured profiles and the synthesis model's. */
export function synthErrors({
  leaveOneOut,
  leaveChipOut,
}: SynthModel): Pick<SynthModel, 'leaveOneOut' | 'leaveChipOut'> {
  return { leaveOneOut, leaveChipOut };
}
