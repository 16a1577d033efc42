import type { SynthModel } from './synth-model.js';

/** Column of profiles that nobody measured: the efficiency they were synthesized at. */
export const SYNTHESIZED_COLUMN = 'synthesized_efficiency';

/** How far profiles were from what the synthesis model would have made of them. */
export function synthErrors({
  leaveOneOut,
  leaveChipOut,
}: SynthModel): Pick<SynthModel, 'leaveOneOut' | 'leaveChipOut'> {
  return { leaveOneOut, leaveChipOut };
}
