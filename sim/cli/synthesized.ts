import type { SynthModel } from '../hardware/synth-model.js';
import type { Estimate } from '../studies/scenario-setting.js';
import { readSynthModel } from './catalog-files.js';

/** Column of profiles that nobody measured: the efficiency they were synthesized at. */
export const SYNTHESIZED_COLUMN = 'synthesized_efficiency';

/** How far profiles were from what the synthesis model would have made of them. */
export function synthErrors({
  leaveOneOut,
  leaveChipOut,
}: SynthModel): Pick<Estimate, 'leaveOneOut' | 'leaveChipOut'> {
  return { leaveOneOut, leaveChipOut };
}

/** How wrong a profile may be, if its file says that it was synthesized. */
export function estimateOfFile(text: string): Estimate | undefined {
  const [header = '', first = ''] = text.split(/\r?\n/, 2);
  const column = header.split(',').indexOf(SYNTHESIZED_COLUMN);
  if (column < 0) return undefined;
  const efficiency = Number(first.split(',')[column]);
  return { ...synthErrors(readSynthModel()), extrapolated: [], efficiency };
}
